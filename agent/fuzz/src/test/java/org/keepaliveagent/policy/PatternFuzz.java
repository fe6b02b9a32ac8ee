package org.keepaliveagent.policy;

import java.nio.charset.StandardCharsets;

/** Any text as the pattern of an upstream. */
public final class PatternFuzz {
  private PatternFuzz() {}

  /** Called by the fuzzer; throws where the parser does what it must not. */
  public static void fuzzerTestOneInput(byte[] data) {
    UpstreamPattern pattern;
    try {
      pattern = UpstreamPattern.parse(new String(data, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      if (e.getClass() != IllegalArgumentException.class || e.getMessage() == null) {
        throw new IllegalStateException(e);
      }
      return;
    }
    if (!pattern.covers(pattern)) {
      throw new IllegalStateException("does not cover itself: " + pattern);
    }
    pattern.matches("http", "10.1.2.3", 80);
    pattern.hostAndPort();
  }
}
