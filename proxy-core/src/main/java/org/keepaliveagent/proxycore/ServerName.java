package org.keepaliveagent.proxycore;

import java.util.Locale;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * One name of a {@code server_name} directive.
 *
 * @param text as it is written
 * @param start what a host must begin with, null unless it is {@code mail.*}
 * @param end what a host must end with, null unless it is {@code *.example.org}
 * @param pattern null unless it is {@code ~}
 */
record ServerName(
    String text, @Nullable String start, @Nullable String end, @Nullable Pattern pattern) {
  private static final int EXACT = 1 << 20;
  private static final int WILDCARD_START = 1 << 18;
  private static final int WILDCARD_END = 1 << 16;

  static ServerName read(Directive directive, String text) throws ConfigException {
    if (text.startsWith("~")) {
      return new ServerName(text, null, null, pattern(directive, text));
    }
    String name = text.toLowerCase(Locale.ROOT);
    String start = name.endsWith(".*") ? name.substring(0, name.length() - 1) : null;
    String end = name.startsWith("*.") ? name.substring(1) : name.startsWith(".") ? name : null;
    String rest = start != null ? start : end != null ? end : name;
    if (rest.contains("*") || rest.equals(".") || (start != null && end != null)) {
      throw directive.error("invalid server name or wildcard \"" + text + "\"");
    }
    return new ServerName(name, start, end, null);
  }

  private static Pattern pattern(Directive directive, String text) throws ConfigException {
    try {
      return Pattern.compile(text.substring(1), Pattern.CASE_INSENSITIVE);
    } catch (PatternSyntaxException e) {
      throw directive.error("invalid regex \"" + text.substring(1) + "\"");
    }
  }

  /** How well it fits a host, in nginx's order of preference; 0 when it does not. */
  int fit(String host) {
    if (pattern != null) {
      return pattern.matcher(host).find() ? 1 : 0;
    }
    if (host.equals(text) || (text.startsWith(".") && host.equals(text.substring(1)))) {
      return EXACT;
    }
    if (end != null && host.endsWith(end)) {
      return WILDCARD_START + end.length();
    }
    return start != null && host.startsWith(start) ? WILDCARD_END + start.length() : 0;
  }
}
