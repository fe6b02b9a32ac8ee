package org.keepaliveagent.proxycore;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.proxycore.Location.Kind;

/** Reads the {@code location} blocks of one server, and what is done there. */
final class LocationReader {
  /** Longer ones first: they may stand before a path without a blank. */
  private static final List<String> MODIFIERS = List.of("^~", "~*", "~", "=");

  /** Which location a block is: that much is known before it is read. */
  private record Head(Kind kind, String text, @Nullable Pattern pattern) {}

  private final UpstreamReader upstreams;
  private final UpstreamTlsReader tls;
  private final Path prefix;
  private final SettingsReader settings;
  private final Map<String, Location> named = new HashMap<>();

  /**
   * @param prefix what a relative {@code root} is relative to
   */
  LocationReader(
      UpstreamReader upstreams, UpstreamTlsReader tls, Path prefix, SettingsReader settings) {
    this.upstreams = upstreams;
    this.tls = tls;
    this.prefix = prefix;
    this.settings = settings;
  }

  /** Those that only an {@code error_page} leads to, when the server has been read. */
  Map<String, Location> named() {
    return Map.copyOf(named);
  }

  /** Reads the server's block as the location of everything. */
  Location read(Directive server, Scope scope) throws ConfigException {
    return read(new Head(Kind.PREFIX, "", null), server, scope);
  }

  private Location read(Head head, Directive block, Scope scope) throws ConfigException {
    List<Location> inner = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Directive child : block.children("location")) {
      ConfigReader.checkAccepted(child);
      Head next = head(child);
      checkPlace(child, next, head, block.name().equals("location"));
      Location location = read(next, child, scope.inner(child));
      if (next.kind == Kind.NAMED) {
        named.putIfAbsent(next.text, location);
        continue;
      }
      boolean exact = next.kind == Kind.EXACT;
      if (next.pattern == null && !seen.add((exact ? "=" : "") + next.text)) {
        throw child.error("duplicate location \"" + next.text + "\"");
      }
      inner.add(location);
    }
    return new Location(
        head.kind,
        head.text,
        head.pattern,
        List.copyOf(inner),
        action(head, block, scope),
        settings.read(scope));
  }

  private static void checkPlace(Directive block, Head head, Head around, boolean nested)
      throws ConfigException {
    if (!nested) {
      return;
    }
    String location = "location \"" + head.text + "\"";
    String outer = "location \"" + around.text + "\"";
    if (around.kind == Kind.EXACT) {
      throw block.error(location + " cannot be inside the exact " + outer);
    }
    if (around.kind == Kind.NAMED) {
      throw block.error(location + " cannot be inside the named " + outer);
    }
    if (head.kind == Kind.NAMED) {
      throw block.error("named " + location + " can be on the server level only");
    }
    if (head.kind != Kind.REGEX && !head.text.startsWith(around.text)) {
      throw block.error(location + " is outside " + outer);
    }
  }

  private static Head head(Directive block) throws ConfigException {
    String modifier = modifier(block);
    String text =
        block.args().size() > 1 ? block.arg(1) : block.arg(0).substring(modifier.length());
    Kind kind =
        switch (modifier) {
          case "=" -> Kind.EXACT;
          case "^~" -> Kind.FIRM_PREFIX;
          case "~", "~*" -> Kind.REGEX;
          default -> text.startsWith("@") ? Kind.NAMED : Kind.PREFIX;
        };
    return new Head(kind, text, kind == Kind.REGEX ? pattern(block, modifier, text) : null);
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

  private Action action(Head head, Directive block, Scope scope) throws ConfigException {
    boolean location = block.name().equals("location");
    Directive answer = location ? block.child("return").orElse(null) : null;
    Directive pass = block.child("proxy_pass").orElse(null);
    if (answer != null) {
      return ReturnReader.read(answer);
    }
    if (pass == null && block.child("stub_status").isPresent()) {
      return new Action.Status();
    }
    return pass == null
        ? files(scope)
        : new PassReader(upstreams, tls, scope, prefix).read(pass, head.kind, head.text, block);
  }

  private Action files(Scope scope) throws ConfigException {
    Directive root = scope.find("root").orElse(null);
    if (root != null && root.arg(0).contains("$")) {
      throw root.error("variables in \"root\" are not supported");
    }
    List<String> index = new ArrayList<>();
    for (Directive directive : scope.all("index")) {
      for (String name : directive.args()) {
        if (name.contains("$")) {
          throw directive.error("variables in \"index\" are not supported");
        }
        index.add(name);
      }
    }
    return new Action.Files(
        prefix.resolve(root == null ? "html" : root.arg(0)).toString(),
        index.isEmpty() ? List.of("index.html") : List.copyOf(index));
  }
}
