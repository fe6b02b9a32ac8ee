package org.keepaliveagent.proxycore;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the values of directives: numbers, times, addresses. */
final class ConfigValues {
  private static final Pattern TIME_PART = Pattern.compile("(\\d{1,9})(ms|[smhdwMy]?)\\s*");

  private ConfigValues() {}

  static boolean flag(Directive directive) throws ConfigException {
    String value = directive.arg(0);
    if (!value.equals("on") && !value.equals("off")) {
      throw directive.error(
          "invalid value \""
              + value
              + "\" in \""
              + directive.name()
              + "\" directive, it must be \"on\" or \"off\"");
    }
    return value.equals("on");
  }

  static int count(Directive directive, int min) throws ConfigException {
    int value = parseCount(directive.arg(0));
    if (value < min) {
      throw directive.invalidValue(directive.arg(0));
    }
    return value;
  }

  /** A number, -1 when it is none. */
  static int parseCount(String value) {
    return value.matches("\\d{1,9}") ? Integer.parseInt(value) : -1;
  }

  /** A time as in nginx: {@code 500ms}, {@code 1m30s}, {@code "1h 30m"}; seconds without a unit. */
  static Duration time(Directive directive) throws ConfigException {
    Duration time = parseTime(directive.arg(0));
    if (time == null) {
      throw directive.invalidValue(directive.arg(0));
    }
    return time;
  }

  /** The same, null when it is none. */
  static @Nullable Duration parseTime(String value) {
    Matcher part = TIME_PART.matcher(value);
    Duration total = Duration.ZERO;
    int end = 0;
    while (part.find() && part.start() == end) {
      total = total.plus(unit(part.group(2)).multipliedBy(Long.parseLong(part.group(1))));
      end = part.end();
    }
    return value.isEmpty() || end != value.length() ? null : total;
  }

  private static Duration unit(String unit) {
    return switch (unit) {
      case "ms" -> Duration.ofMillis(1);
      case "m" -> Duration.ofMinutes(1);
      case "h" -> Duration.ofHours(1);
      case "d" -> Duration.ofDays(1);
      case "w" -> Duration.ofDays(7);
      case "M" -> Duration.ofDays(30);
      case "y" -> Duration.ofDays(365);
      default -> Duration.ofSeconds(1);
    };
  }

  /** An address to listen on: {@code 80}, {@code 127.0.0.1:80}, {@code *:80}, {@code [::1]:80}. */
  static InetSocketAddress listen(Directive directive) throws ConfigException {
    String value = directive.arg(0);
    int colon = value.endsWith("]") ? -1 : value.lastIndexOf(':');
    boolean portOnly = colon < 0 && value.chars().allMatch(c -> c >= '0' && c <= '9');
    String host = portOnly ? "*" : colon < 0 ? value : value.substring(0, colon);
    int port = portOnly || colon >= 0 ? port(directive, value.substring(colon + 1), 0) : 80;
    if (host.equals("*")) {
      return new InetSocketAddress(port);
    }
    return new InetSocketAddress(resolve(directive, host), port);
  }

  /** An upstream's {@code HOST} or {@code HOST:PORT}; the port is 80 when there is none. */
  static Peer peer(Directive directive, String value) throws ConfigException {
    int colon = value.endsWith("]") ? -1 : value.lastIndexOf(':');
    String host = colon < 0 ? value : value.substring(0, colon);
    int port = colon < 0 ? 80 : port(directive, value.substring(colon + 1), 1);
    return new Peer(host, port, new InetSocketAddress(resolve(directive, host), port));
  }

  private static int port(Directive directive, String text, int min) throws ConfigException {
    try {
      int port = Integer.parseInt(text);
      if (port >= min && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw directive.error(
        "invalid port in \""
            + directive.arg(0)
            + "\" of the \""
            + directive.name()
            + "\" directive");
  }

  private static InetAddress resolve(Directive directive, String host) throws ConfigException {
    try {
      if (!host.isEmpty()) {
        return InetAddress.getByName(host);
      }
    } catch (UnknownHostException e) {
      // Told below.
    }
    String where = directive.name().equals("listen") ? "\"" : "upstream \"";
    throw directive.error("host not found in " + where + directive.arg(0) + "\"");
  }
}
