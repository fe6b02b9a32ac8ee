package org.keepaliveagent.config;

/** Numbers as policy files write them: counts, times and shares. */
final class Numbers {
  private static final long MAX_COUNT = 1_000_000_000L;
  private static final long MAX_NANOS = 365L * 86_400 * 1_000_000_000L;
  private static final String[] UNITS = {"w", "d", "h", "m", "s", "ms"};
  private static final long[] NANOS = {
    7 * 86_400_000_000_000L,
    86_400_000_000_000L,
    3_600_000_000_000L,
    60_000_000_000L,
    1_000_000_000L,
    1_000_000L
  };

  private Numbers() {}

  /** A whole number that is not negative. */
  static long count(String text, String allowed) throws Refusal {
    if (negative(text)) {
      throw new Refusal(ProblemKind.NEGATIVE, Words.quote(text), allowed);
    }
    if (text.isEmpty() || digits(text, 0) < text.length()) {
      throw new Refusal(ProblemKind.NOT_ALLOWED, Words.quote(text), allowed, ".");
    }
    long count = number(text, 0, text.length());
    if (count > MAX_COUNT) {
      throw new Refusal(ProblemKind.TOO_LARGE, Words.quote(text), MAX_COUNT);
    }
    return count;
  }

  /**
   * A time in nanoseconds: numbers with units, the larger first, as {@code ngx_parse_time}, but
   * that months and years are not known.
   *
   * @param unitlessIsSeconds as in nginx; in YAML a unit is required, since nobody knows whether 60
   *     means seconds
   */
  static long nanos(String text, boolean unitlessIsSeconds) throws Refusal {
    if (text.equals("0")) {
      return 0;
    }
    if (negative(text)) {
      throw new Refusal(ProblemKind.NEGATIVE, Words.quote(text), "0, 500ms, 60s or 1h30m");
    }
    if (unitlessIsSeconds && !text.isEmpty() && digits(text, 0) == text.length()) {
      return nanos(text + "s", false);
    }
    long nanos = 0;
    int at = 0;
    int next = 0;
    do {
      int unitAt = digits(text, at);
      int end = letters(text, unitAt);
      if (unitAt > at && unitAt == text.length()) {
        throw new Refusal(ProblemKind.NO_UNIT, Words.quote(text), Words.shown(text) + "s");
      }
      int unit = unit(text.substring(unitAt, end));
      if (unitAt == at || unit < next) {
        throw new Refusal(ProblemKind.NOT_A_TIME, Words.quote(text));
      }
      long number = number(text, at, unitAt);
      if (number > MAX_NANOS / NANOS[unit]) {
        throw new Refusal(ProblemKind.TOO_LARGE, Words.quote(text), "365d");
      }
      nanos += number * NANOS[unit];
      at = end;
      next = unit + 1;
    } while (at < text.length());
    if (nanos > MAX_NANOS) {
      throw new Refusal(ProblemKind.TOO_LARGE, Words.quote(text), "365d");
    }
    return nanos;
  }

  /** A share from {@code 0%} to {@code 100%}. */
  static int percent(String text, String allowed) throws Refusal {
    int end = digits(text, 0);
    if (end > 0 && end == text.length()) {
      throw new Refusal(ProblemKind.NO_PERCENT, Words.quote(text), Words.shown(text) + "%");
    }
    if (end == 0 || !text.substring(end).equals("%") || number(text, 0, end) > 100) {
      throw new Refusal(ProblemKind.NOT_ALLOWED, Words.quote(text), allowed, ".");
    }
    return (int) number(text, 0, end);
  }

  private static boolean negative(String text) {
    return text.startsWith("-") && digits(text, 1) > 1;
  }

  /** Where the digits end that start at an index. */
  private static int digits(String text, int from) {
    int end = from;
    while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
      end++;
    }
    return end;
  }

  private static int letters(String text, int from) {
    int end = from;
    while (end < text.length() && text.charAt(end) >= 'a' && text.charAt(end) <= 'z') {
      end++;
    }
    return end;
  }

  private static int unit(String word) {
    for (int i = 0; i < UNITS.length; i++) {
      if (UNITS[i].equals(word)) {
        return i;
      }
    }
    return -1;
  }

  /** The number that some digits write; {@link Long#MAX_VALUE} where it does not fit. */
  private static long number(String text, int from, int to) {
    long number = 0;
    for (int i = from; i < to; i++) {
      if (number > MAX_NANOS) {
        return Long.MAX_VALUE;
      }
      number = number * 10 + (text.charAt(i) - '0');
    }
    return number;
  }
}
