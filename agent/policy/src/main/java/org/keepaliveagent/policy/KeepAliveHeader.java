package org.keepaliveagent.policy;

import org.jspecify.annotations.Nullable;

/**
 * Reads {@code Keep-Alive: timeout=5, max=100} (RFC 2068, 19.7.1.1) without allocating; whatever is
 * not a plain positive number counts as absent.
 */
final class KeepAliveHeader {
  private static final long SECOND = 1_000_000_000L;
  private static final long MOST = 1_000_000_000L;

  private KeepAliveHeader() {}

  /**
   * The advertised idle time-out in nanoseconds; 0 when there is none. {@code timeout=0} counts as
   * none: a server whose limit is below a second rounds it down to that.
   */
  static long timeoutNanos(@Nullable String value) {
    return number(value, "timeout", 0) * SECOND;
  }

  /** The advertised {@code max}; -1 when there is none. */
  static long max(@Nullable String value) {
    return number(value, "max", -1);
  }

  private static long number(@Nullable String value, String name, long absent) {
    if (value == null) {
      return absent;
    }
    int start = 0;
    while (start < value.length()) {
      int end = value.indexOf(',', start);
      if (end < 0) {
        end = value.length();
      }
      int equals = value.indexOf('=', start);
      if (equals >= 0 && equals < end && ConnectionHeader.isToken(value, start, equals, name)) {
        return digits(value, equals + 1, end, absent);
      }
      start = end + 1;
    }
    return absent;
  }

  private static long digits(String value, int from, int to, long absent) {
    int start = from;
    int end = to;
    while (start < end && ConnectionHeader.isSpace(value.charAt(start))) {
      start++;
    }
    while (start < end && ConnectionHeader.isSpace(value.charAt(end - 1))) {
      end--;
    }
    if (start == end) {
      return absent;
    }
    long number = 0;
    for (int i = start; i < end; i++) {
      char c = value.charAt(i);
      if (c < '0' || c > '9') {
        return absent;
      }
      number = Math.min(number * 10 + (c - '0'), MOST);
    }
    return number;
  }
}
