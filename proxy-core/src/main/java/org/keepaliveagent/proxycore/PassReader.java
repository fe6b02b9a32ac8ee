package org.keepaliveagent.proxycore;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.proxycore.Location.Kind;

/** Reads a {@code proxy_pass}, and the {@code proxy_*} directives that are in force there. */
final class PassReader {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);
  private static final Pattern PORT = Pattern.compile(":(\\d+)$");
  private static final String HTTP = "http://";
  private static final String HTTPS = "https://";

  private final UpstreamReader upstreams;
  private final UpstreamTlsReader tls;
  private final Scope scope;
  private final Path prefix;

  /**
   * @param prefix what relative paths are relative to
   */
  PassReader(UpstreamReader upstreams, UpstreamTlsReader tls, Scope scope, Path prefix) {
    this.upstreams = upstreams;
    this.tls = tls;
    this.scope = scope;
    this.prefix = prefix;
  }

  /**
   * Reads one.
   *
   * @param text of its location
   * @param location which it is in
   */
  Action read(Directive pass, Kind kind, String text, Directive location) throws ConfigException {
    String url = pass.arg(0);
    UpstreamTls upstreamTls = tls.read(scope);
    Resolver resolver = Resolver.read(scope);
    if (url.contains("$")) {
      Upstream unknown = new Upstream("", false, List.of());
      return new Action.VariablePass(
          Template.read(pass, url),
          new VariableUpstream(upstreams, upstreamTls, resolver),
          pass(unknown, null, text, null, "", "", location));
    }
    boolean encrypted = url.regionMatches(true, 0, HTTPS, 0, HTTPS.length());
    if (!encrypted && !url.regionMatches(true, 0, HTTP, 0, HTTP.length())) {
      throw pass.error("invalid URL prefix");
    }
    int start = (encrypted ? HTTPS : HTTP).length();
    int slash = url.indexOf('/', start);
    if (slash >= 0 && (kind == Kind.REGEX || kind == Kind.NAMED)) {
      throw pass.error(
          "\"proxy_pass\" cannot have URI part in location given by regular expression, or inside"
              + " named location, or inside \"if\" statement, or inside \"limit_except\" block");
    }
    String name = slash < 0 ? url.substring(start) : url.substring(start, slash);
    String defaultPort = encrypted ? "443" : "80";
    Matcher port = PORT.matcher(name);
    boolean hasPort = port.find() && !port.group(1).equals(defaultPort);
    return pass(
        upstreams.get(pass, name, Integer.parseInt(defaultPort)),
        encrypted ? upstreamTls : null,
        text,
        slash < 0 ? null : url.substring(slash),
        hasPort ? name : port.replaceFirst(""),
        hasPort ? port.group(1) : defaultPort,
        location);
  }

  private Action.Pass pass(
      Upstream upstream,
      @Nullable UpstreamTls upstreamTls,
      String replaced,
      @Nullable String replacement,
      String host,
      String port,
      Directive location)
      throws ConfigException {
    BufferReader buffers = new BufferReader(scope, prefix);
    return new Action.Pass(
        upstream,
        null,
        upstreamTls,
        replaced,
        replacement,
        RequestShape.read(scope),
        buffers.request(),
        buffers.response(location),
        scope.timeout("proxy_connect_timeout", DEFAULT_TIMEOUT),
        scope.timeout("proxy_send_timeout", DEFAULT_TIMEOUT),
        scope.timeout("proxy_read_timeout", DEFAULT_TIMEOUT),
        host,
        port,
        ProxyHeaders.read(scope));
  }
}
