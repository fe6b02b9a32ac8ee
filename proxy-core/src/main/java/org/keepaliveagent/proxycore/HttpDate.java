package org.keepaliveagent.proxycore;

import io.netty.handler.codec.DateFormatter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Date;
import java.util.Locale;

/** Times in headers, in seconds since 1970. */
final class HttpDate {
  private record Second(long number, String text) {}

  static final long NONE = -1;

  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private static volatile Second now = new Second(NONE, "");

  private HttpDate() {}

  static String text(long seconds) {
    return FORMAT.format(Instant.ofEpochSecond(seconds));
  }

  /** Reads one in any of the three forms that there are; {@link #NONE} when it is none. */
  static long read(String text) {
    Date date = DateFormatter.parseHttpDate(text);
    return date == null ? NONE : date.toInstant().getEpochSecond();
  }

  /** The time now; it is written once a second. */
  static String now() {
    long second = System.currentTimeMillis() / 1000;
    Second known = now;
    if (known.number != second) {
      known = new Second(second, text(second));
      now = known;
    }
    return known.text;
  }
}
