package org.keepaliveagent.telemetry;

/**
 * Reads the single {@code b3} header, {@code traceid-spanid[-state[-parentid]]}, without
 * allocating: ids of 16 or 32 and of 16 lower-case hex digits; the state is {@code 1}, {@code 0} or
 * {@code d} for debug, and undecided where it is missing.
 */
final class B3 {
  private static final int SHORT_ID = 16;
  private static final int LONG_ID = 32;

  private B3() {}

  /** Whether the header names a parent. */
  static boolean valid(String header) {
    int trace = traceIdEnd(header);
    int span = trace + 1 + SHORT_ID;
    if (trace < 0 || header.length() < span || !Traceparent.id(header, trace + 1, span)) {
      return false;
    }
    if (header.length() == span) {
      return true;
    }
    if (header.charAt(span) != '-' || header.length() < span + 2 || state(header, span) < 0) {
      return false;
    }
    int parent = span + 3;
    return header.length() == span + 2
        || (header.length() == parent + SHORT_ID
            && header.charAt(span + 2) == '-'
            && Traceparent.id(header, parent, parent + SHORT_ID));
  }

  /** Whether a valid header's caller recorded the trace, or left that to others. */
  static boolean sampled(String header) {
    if (!valid(header)) {
      return false;
    }
    int span = traceIdEnd(header) + 1 + SHORT_ID;
    return header.length() == span || state(header, span) != 0;
  }

  /** The trace id of a valid header, 32 digits. */
  static String traceId(String header) {
    int end = traceIdEnd(header);
    return end == LONG_ID
        ? header.substring(0, end)
        : "0000000000000000" + header.substring(0, end);
  }

  /** The span id of a valid header. */
  static String spanId(String header) {
    int start = traceIdEnd(header) + 1;
    return header.substring(start, start + SHORT_ID);
  }

  /** Negative where no trace id comes first. */
  private static int traceIdEnd(String header) {
    int end = header.indexOf('-');
    boolean right = (end == SHORT_ID || end == LONG_ID) && Traceparent.id(header, 0, end);
    return right ? end : -1;
  }

  /** 0 for not sampled, 1 for sampled, -1 for what is no state. */
  private static int state(String header, int dash) {
    char state = header.charAt(dash + 1);
    return state == '0' ? 0 : state == '1' || state == 'd' ? 1 : -1;
  }
}
