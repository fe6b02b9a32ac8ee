package org.keepaliveagent.telemetry;

import java.nio.charset.StandardCharsets;

/** Any text as {@code traceparent} and {@code b3} header. */
public final class ParentFuzz {
  private ParentFuzz() {}

  /** Called by the fuzzer; throws where a parser does what it must not. */
  public static void fuzzerTestOneInput(byte[] data) {
    String value = new String(data, StandardCharsets.ISO_8859_1);
    if (Traceparent.valid(value)
        && !value.matches("(?s)[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")) {
      throw new IllegalStateException("not a traceparent");
    }
    if (Traceparent.sampled(value) && !Traceparent.valid(value)) {
      throw new IllegalStateException("sampled and not valid");
    }
    if (!B3.valid(value)) {
      if (B3.sampled(value)) {
        throw new IllegalStateException("sampled and not valid");
      }
    } else if (!B3.traceId(value).matches("[0-9a-f]{32}")
        || !B3.spanId(value).matches("[0-9a-f]{16}")) {
      throw new IllegalStateException("ids of a valid b3 are none");
    }
  }
}
