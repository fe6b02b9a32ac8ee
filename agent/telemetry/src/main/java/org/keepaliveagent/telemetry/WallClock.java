package org.keepaliveagent.telemetry;

import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** Turns {@link System#nanoTime()} moments into epoch time: both clocks, read together. */
final class WallClock {
  private final long epochNanos;
  private final long nanoTime;

  WallClock(long epochNanos, long nanoTime) {
    this.epochNanos = epochNanos;
    this.nanoTime = nanoTime;
  }

  /** Milliseconds on Java 8, microseconds and finer on later ones. */
  static WallClock now() {
    Instant now = Instant.now();
    return new WallClock(
        TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano(), System.nanoTime());
  }

  /** Nanoseconds since 1970 of a {@link System#nanoTime()} moment, which may be negative. */
  long epochNanos(long moment) {
    return epochNanos + (moment - nanoTime);
  }
}
