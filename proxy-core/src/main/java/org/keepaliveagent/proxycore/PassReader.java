package org.keepaliveagent.proxycore;

import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.keepaliveagent.proxycore.Location.Kind;

/** Reads a {@code proxy_pass}, and the {@code proxy_*} directives that are in force there. */
final class PassReader {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);
  private static final Pattern PORT = Pattern.compile(":(\\d+)$");
  private static final String HTTP = "http://";

  private final UpstreamReader upstreams;
  private final Scope scope;
  private final Path prefix;

  /**
   * @param prefix what relative paths are relative to
   */
  PassReader(UpstreamReader upstreams, Scope scope, Path prefix) {
    this.upstreams = upstreams;
    this.scope = scope;
    this.prefix = prefix;
  }

  /**
   * Reads one.
   *
   * @param text of its location
   * @param location which it is in
   */
  Action.Pass read(Directive pass, Kind kind, String text, Directive location)
      throws ConfigException {
    String url = pass.arg(0);
    if (!url.startsWith(HTTP)) {
      throw pass.error("invalid URL prefix");
    }
    int slash = url.indexOf('/', HTTP.length());
    if (slash >= 0 && (kind == Kind.REGEX || kind == Kind.NAMED)) {
      throw pass.error(
          "\"proxy_pass\" cannot have URI part in location given by regular expression, or inside"
              + " named location, or inside \"if\" statement, or inside \"limit_except\" block");
    }
    String name = slash < 0 ? url.substring(HTTP.length()) : url.substring(HTTP.length(), slash);
    Matcher port = PORT.matcher(name);
    boolean hasPort = port.find() && !port.group(1).equals("80");
    BufferReader buffers = new BufferReader(scope, prefix);
    return new Action.Pass(
        upstreams.get(pass, name, 80),
        text,
        slash < 0 ? null : url.substring(slash),
        RequestShape.read(scope),
        buffers.request(),
        buffers.response(location),
        scope.timeout("proxy_connect_timeout", DEFAULT_TIMEOUT),
        scope.timeout("proxy_send_timeout", DEFAULT_TIMEOUT),
        scope.timeout("proxy_read_timeout", DEFAULT_TIMEOUT),
        hasPort ? name : port.replaceFirst(""),
        hasPort ? port.group(1) : "80",
        ProxyHeaders.read(scope));
  }
}
