package org.keepaliveagent.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.keepaliveagent.policy.Attempt;
import org.keepaliveagent.policy.Reason;

class AttemptTimesTest {
  private static final long EPOCH = TimeUnit.SECONDS.toNanos(1_800_000_000L) + 123_456_789;

  /** Reads {@link Attempts#at} 0 as {@link #EPOCH}. */
  private static final WallClock CLOCK = new WallClock(EPOCH, Attempts.at(0));

  @Test
  void momentsKeepTheirNanoseconds() {
    WallClock clock = new WallClock(EPOCH, -5);
    assertEquals(EPOCH, clock.epochNanos(-5));
    assertEquals(EPOCH + 12, clock.epochNanos(7));
    assertEquals(EPOCH - 1, clock.epochNanos(-6));
  }

  @Test
  void momentsMayLieOnBothSidesOfTheCountersOverflow() {
    WallClock clock = new WallClock(EPOCH, Long.MIN_VALUE + 1);
    assertEquals(EPOCH - 3, clock.epochNanos(Long.MAX_VALUE - 1));
  }

  @Test
  void theWallClockIsTheSystems() {
    long before = Instant.now().toEpochMilli();
    long nanos = WallClock.now().epochNanos(System.nanoTime());
    long after = Instant.now().toEpochMilli() + 1;
    assertTrue(nanos >= TimeUnit.MILLISECONDS.toNanos(before));
    assertTrue(nanos <= TimeUnit.MILLISECONDS.toNanos(after));
  }

  @Test
  void aReuseBeginsWithTheLease() {
    AttemptTimes times = new AttemptTimes(Attempts.reuse(1, "GET", null), CLOCK);
    assertEquals(ms(0), times.started);
    assertEquals(ms(2), times.sent);
    assertEquals(ms(20), times.last);
    assertEquals(ms(30), times.ended);
  }

  @Test
  void anOpenBeginsWithTheConnection() {
    AttemptTimes times = new AttemptTimes(Attempts.open(1, "GET", null), CLOCK);
    assertEquals(ms(100), times.started);
    assertEquals(ms(110), times.sent);
  }

  @Test
  void anAttemptThatNeverGotAConnectionHasOnlyItsEnd() {
    Attempt a = Attempts.open(1, "GET", null);
    a.openedAt = 0;
    a.sentAt = 0;
    a.respondedAt = 0;
    AttemptTimes times = new AttemptTimes(a, CLOCK);
    assertEquals(ms(140), times.started);
    assertEquals(ms(140), times.sent);
    assertEquals(ms(140), times.last);
    assertEquals(ms(140), times.ended);
  }

  @Test
  void aRepetitionLiesInsideItsRetryEvenOnAConnectionOpenedEarlier() {
    Attempt a = Attempts.repeating(Attempts.open(2, "GET", null), 1, Reason.STALE);
    a.openedAt = Attempts.at(10);
    AttemptTimes times = new AttemptTimes(a, CLOCK);
    assertEquals(ms(50), times.decided);
    assertEquals(ms(50), times.started);
  }

  @Test
  void recordsOutOfOrderStillNest() {
    Attempt a = Attempts.repeating(Attempts.open(2, "GET", null), 1, Reason.STALE);
    a.retryDecidedAt = Attempts.at(500);
    a.respondedAt = Attempts.at(400);
    a.sentAt = Attempts.at(300);
    AttemptTimes times = new AttemptTimes(a, CLOCK);
    assertEquals(ms(140), times.decided);
    assertEquals(ms(140), times.started);
    assertEquals(ms(140), times.sent);
    assertEquals(ms(140), times.last);
    assertEquals(ms(140), times.ended);
  }

  private static long ms(long millis) {
    return EPOCH + TimeUnit.MILLISECONDS.toNanos(millis);
  }
}
