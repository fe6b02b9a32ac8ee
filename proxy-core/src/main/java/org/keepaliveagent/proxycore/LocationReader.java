package org.keepaliveagent.proxycore;

import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.keepaliveagent.proxycore.Location.Kind;

/** Reads {@code location} blocks, and what is done there. */
final class LocationReader {
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
    return new PassReader(upstreams, scope).read(pass, kind, text);
  }
}
