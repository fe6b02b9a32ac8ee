package org.keepaliveagent.proxycore;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A part of a file that is asked for.
 *
 * @param end the first byte that is not of it
 */
record ByteRange(long start, long end) {
  private static final ByteRange UNSATISFIABLE = new ByteRange(0, 0);

  private static final Pattern SINGLE =
      Pattern.compile("(?i)bytes= *(\\d{0,18}) *- *(\\d{0,18}) *");

  /** Whether there is no such part: 416. */
  boolean isUnsatisfiable() {
    return start >= end;
  }

  /**
   * Reads a {@code Range} header.
   *
   * @return null when the whole file is the answer, which it also is to several ranges
   */
  static @Nullable ByteRange read(String header, long size) {
    if (size == 0
        || header.length() < 7
        || !header.regionMatches(true, 0, "bytes=", 0, 6)
        || header.indexOf(',') >= 0) {
      return null;
    }
    Matcher range = SINGLE.matcher(header);
    if (!range.matches() || (range.group(1).isEmpty() && range.group(2).isEmpty())) {
      return UNSATISFIABLE;
    }
    long start;
    long end = size;
    if (range.group(1).isEmpty()) {
      start = Math.max(0, size - Long.parseLong(range.group(2)));
    } else {
      start = Long.parseLong(range.group(1));
      if (!range.group(2).isEmpty()) {
        end = Math.min(size, Long.parseLong(range.group(2)) + 1);
      }
    }
    return start < end ? new ByteRange(start, end) : UNSATISFIABLE;
  }
}
