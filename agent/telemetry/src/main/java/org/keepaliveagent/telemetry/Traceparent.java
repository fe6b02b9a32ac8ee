package org.keepaliveagent.telemetry;

import java.util.Arrays;

/**
 * Reads the W3C {@code traceparent} header, {@code version-traceid-parentid-flags}, without
 * allocating (Trace Context, section 3.2).
 */
final class Traceparent {
  static final int TRACE_ID = 3;
  static final int TRACE_ID_END = 35;
  static final int PARENT_ID = 36;
  static final int PARENT_ID_END = 52;
  static final int FLAGS = 53;
  private static final int LENGTH = 55;

  /** A table, because this runs once for every request and ids are random. */
  private static final byte[] DIGITS = digitsByCharacter();

  private Traceparent() {}

  /** Whether the header is valid and its bit 0 says that the caller recorded the trace. */
  static boolean sampled(String header) {
    return valid(header) && (digit(header.charAt(FLAGS + 1)) & 1) != 0;
  }

  /**
   * The header of a span.
   *
   * @param flags two digits
   */
  static String of(String traceId, String spanId, String flags) {
    return "00-" + traceId + '-' + spanId + '-' + flags;
  }

  /** Whether the header has the form that the recommendation asks for. */
  static boolean valid(String header) {
    if (header.length() < LENGTH || !version(header)) {
      return false;
    }
    if (header.charAt(2) != '-'
        || header.charAt(TRACE_ID_END) != '-'
        || header.charAt(PARENT_ID_END) != '-') {
      return false;
    }
    return id(header, TRACE_ID, TRACE_ID_END)
        && id(header, PARENT_ID, PARENT_ID_END)
        && hex(header, FLAGS, LENGTH);
  }

  /** Version 00 ends after the flags; later ones may go on after a dash; ff is forbidden. */
  private static boolean version(String header) {
    if (!hex(header, 0, 2) || header.startsWith("ff")) {
      return false;
    }
    return header.length() == LENGTH || (!header.startsWith("00") && header.charAt(LENGTH) == '-');
  }

  /** Hex digits, not all of them zero. */
  static boolean id(String header, int from, int to) {
    return digits(header, from, to) > 0;
  }

  private static boolean hex(String header, int from, int to) {
    return digits(header, from, to) >= 0;
  }

  /** The bits of all the digits together; negative when one of them is no hex digit. */
  private static int digits(String header, int from, int to) {
    int all = 0;
    for (int i = from; i < to; i++) {
      all |= digit(header.charAt(i));
    }
    return all;
  }

  private static int digit(char c) {
    return c < DIGITS.length ? DIGITS[c] : -1;
  }

  /** Lower case only: capitals are not valid in this header. */
  private static byte[] digitsByCharacter() {
    byte[] digits = new byte['f' + 1];
    Arrays.fill(digits, (byte) -1);
    for (int i = 0; i < 16; i++) {
      digits["0123456789abcdef".charAt(i)] = (byte) i;
    }
    return digits;
  }
}
