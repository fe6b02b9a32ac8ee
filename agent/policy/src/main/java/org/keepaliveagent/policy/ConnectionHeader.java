package org.keepaliveagent.policy;

import org.jspecify.annotations.Nullable;

/** Reads the comma-separated tokens of a {@code Connection} header without allocating. */
final class ConnectionHeader {
  private ConnectionHeader() {}

  /** Whether the token stands in the value, in any case. */
  static boolean has(@Nullable String value, String token) {
    if (value == null) {
      return false;
    }
    int start = 0;
    while (start <= value.length()) {
      int end = value.indexOf(',', start);
      if (end < 0) {
        end = value.length();
      }
      if (isToken(value, start, end, token)) {
        return true;
      }
      start = end + 1;
    }
    return false;
  }

  /** Whether {@code value[from, to)} is the token, but for spaces around it and its case. */
  static boolean isToken(String value, int from, int to, String token) {
    int start = from;
    int end = to;
    while (start < end && isSpace(value.charAt(start))) {
      start++;
    }
    while (start < end && isSpace(value.charAt(end - 1))) {
      end--;
    }
    return end - start == token.length()
        && value.regionMatches(true, start, token, 0, token.length());
  }

  static boolean isSpace(char c) {
    return c == ' ' || c == '\t';
  }
}
