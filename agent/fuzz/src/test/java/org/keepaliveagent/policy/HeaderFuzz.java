package org.keepaliveagent.policy;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Any text as {@code Keep-Alive} and {@code Connection} header. */
public final class HeaderFuzz {
  private HeaderFuzz() {}

  /** Called by the fuzzer; throws where a parser does what it must not. */
  public static void fuzzerTestOneInput(byte[] data) {
    String value = new String(data, StandardCharsets.ISO_8859_1);
    long nanos = KeepAliveHeader.timeoutNanos(value);
    long max = KeepAliveHeader.max(value);
    if (nanos < 0 || max < -1) {
      throw new IllegalStateException("timeout " + nanos + ", max " + max);
    }
    if (nanos > 0 && !value.toLowerCase(Locale.ROOT).contains("timeout")) {
      throw new IllegalStateException("a time-out out of nothing");
    }
    boolean named = false;
    for (String token : value.split(",", -1)) {
      named |= stripped(token).equalsIgnoreCase("close");
    }
    if (named != ConnectionHeader.has(value, "close")) {
      throw new IllegalStateException("close: " + !named + ", expected " + named);
    }
  }

  private static String stripped(String token) {
    return token.replaceAll("^[ \t]+", "").replaceAll("[ \t]+$", "");
  }
}
