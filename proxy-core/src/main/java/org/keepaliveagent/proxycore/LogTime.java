package org.keepaliveagent.proxycore;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * A second as logs have it, in the time zone of this process.
 *
 * @param local as in {@code 28/Sep/2000:12:00:00 +0600}
 * @param iso8601 as in {@code 2000-09-28T12:00:00+06:00}
 */
record LogTime(long epochSecond, String local, String iso8601) {
  private static final DateTimeFormatter LOCAL =
      DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss xx", Locale.ROOT);
  private static final DateTimeFormatter ISO8601 =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssxxx", Locale.ROOT);

  private static volatile LogTime last = of(0);

  private static LogTime of(long epochSecond) {
    ZonedDateTime time = Instant.ofEpochSecond(epochSecond).atZone(ZoneId.systemDefault());
    return new LogTime(epochSecond, LOCAL.format(time), ISO8601.format(time));
  }

  /** This second; its text is made once for all that happens in it. */
  static LogTime now() {
    long second = System.currentTimeMillis() / 1000;
    LogTime known = last;
    if (known.epochSecond != second) {
      known = of(second);
      last = known;
    }
    return known;
  }

  /** Seconds with three digits behind the point. */
  static String seconds(long millis) {
    long fraction = millis % 1000;
    String zeros = fraction < 10 ? ".00" : fraction < 100 ? ".0" : ".";
    return millis / 1000 + zeros + fraction;
  }
}
