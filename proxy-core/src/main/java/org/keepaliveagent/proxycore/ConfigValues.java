package org.keepaliveagent.proxycore;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the values of directives: numbers, sizes, times. */
final class ConfigValues {
  private static final Pattern TIME_PART = Pattern.compile("(\\d{1,9})(ms|[smhdwMy]?)\\s*");

  private static final Pattern SIZE = Pattern.compile("(\\d{1,10})([kKmM]?)");

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
      throw directive.invalid("number");
    }
    return value;
  }

  /** A number, -1 when it is none. */
  static int parseCount(String value) {
    return value.matches("\\d{1,9}") ? Integer.parseInt(value) : -1;
  }

  /** A size that there may be none of. */
  static long size(Directive directive) throws ConfigException {
    long size = parseSize(directive.arg(0));
    if (size < 0) {
      throw directive.invalid("value");
    }
    return size;
  }

  /** A size as in nginx: bytes, or {@code 64k}, {@code 10m}; -1 when it is none. */
  static long parseSize(String value) {
    Matcher size = SIZE.matcher(value);
    if (!size.matches()) {
      return -1;
    }
    int shift =
        switch (size.group(2)) {
          case "k", "K" -> 10;
          case "m", "M" -> 20;
          default -> 0;
        };
    return Long.parseLong(size.group(1)) << shift;
  }

  /** A time as in nginx: {@code 500ms}, {@code 1m30s}, {@code "1h 30m"}; seconds without a unit. */
  static Duration time(Directive directive) throws ConfigException {
    Duration time = parseTime(directive.arg(0));
    if (time == null) {
      throw directive.invalid("value");
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
}
