package org.keepaliveagent.proxycore;

import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.keepaliveagent.proxycore.Location.Kind;

/** Reads {@code location} blocks, and what is done there. */
final class LocationReader {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);
  private static final String HTTP = "http://";
  private static final Pattern PORT = Pattern.compile(":(\\d+)$");

  /** Longer ones first: they may stand before a path without a blank. */
  private static final List<String> MODIFIERS = List.of("^~", "~*", "~", "=");

  private final UpstreamReader upstreams;

  LocationReader(UpstreamReader upstreams) {
    this.upstreams = upstreams;
  }

  /**
   * Reads one.
   *
   * @param scope the block and those around it
   */
  Location read(Directive block, Scope scope) throws ConfigException {
    String modifier = modifier(block);
    String text =
        block.args().size() > 1 ? block.arg(1) : block.arg(0).substring(modifier.length());
    Kind kind =
        switch (modifier) {
          case "=" -> Kind.EXACT;
          case "^~" -> Kind.FIRM_PREFIX;
          case "~", "~*" -> Kind.REGEX;
          default -> Kind.PREFIX;
        };
    if (text.startsWith("@") && modifier.isEmpty()) {
      throw block.error("named location \"" + text + "\" is not supported");
    }
    Pattern pattern = kind == Kind.REGEX ? pattern(block, modifier, text) : null;
    return new Location(kind, text, pattern, action(kind, text, block, scope));
  }

  private static String modifier(Directive block) throws ConfigException {
    String first = block.arg(0);
    if (block.args().size() > 1) {
      if (!MODIFIERS.contains(first)) {
        throw block.error("invalid location modifier \"" + first + "\"");
      }
      return first;
    }
    return MODIFIERS.stream().filter(first::startsWith).findFirst().orElse("");
  }

  private static Pattern pattern(Directive block, String modifier, String text)
      throws ConfigException {
    try {
      return Pattern.compile(text, modifier.equals("~*") ? Pattern.CASE_INSENSITIVE : 0);
    } catch (PatternSyntaxException e) {
      throw block.error("invalid regex \"" + text + "\"");
    }
  }

  private Action action(Kind kind, String text, Directive block, Scope scope)
      throws ConfigException {
    Directive answer = block.child("return").orElse(null);
    Directive pass = block.child("proxy_pass").orElse(null);
    if (answer != null) {
      return ReturnReader.read(answer);
    }
    if (pass == null) {
      throw block.error("no \"proxy_pass\" or \"return\" in location \"" + text + "\"");
    }
    return pass(pass, kind, text, scope);
  }

  private Action pass(Directive pass, Kind kind, String text, Scope scope) throws ConfigException {
    String url = pass.arg(0);
    if (!url.startsWith(HTTP)) {
      throw pass.error("invalid URL prefix");
    }
    int slash = url.indexOf('/', HTTP.length());
    if (slash >= 0 && kind == Kind.REGEX) {
      throw pass.error(
          "\"proxy_pass\" cannot have URI part in location given by regular expression");
    }
    String name = slash < 0 ? url.substring(HTTP.length()) : url.substring(HTTP.length(), slash);
    Matcher port = PORT.matcher(name);
    boolean hasPort = port.find() && !port.group(1).equals("80");
    return new Action.Pass(
        upstreams.get(pass, name),
        text,
        slash < 0 ? null : url.substring(slash),
        scope.timeout("proxy_connect_timeout", DEFAULT_TIMEOUT),
        scope.timeout("proxy_read_timeout", DEFAULT_TIMEOUT),
        hasPort ? name : port.replaceFirst(""),
        hasPort ? port.group(1) : "80",
        ProxyHeaders.read(scope));
  }
}
