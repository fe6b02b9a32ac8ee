package org.keepaliveagent.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Which closes make a time-out, which do not, and how it is forgotten. Times in milliseconds. */
class LearnedTimeoutTest {
  private static final long MS = 1_000_000;

  private final LearnedTimeout learned = new LearnedTimeout();
  private long now = 5_000 * MS;

  @Test
  void threeClosesAtAboutOneIdleTimeAreATimeout() {
    close(5_010);
    close(5_000);
    assertEquals(0, limit());
    close(5_300);
    assertEquals(5_000, limit());
  }

  @Test
  void manyClosesOfOneMomentCountAsOne() {
    for (int i = 0; i < 100; i++) {
      learned.closedAfter(5_000 * MS, now);
      now += MS / 10;
    }
    assertEquals(0, limit());
  }

  @Test
  void unrelatedIdleTimesAreNone() {
    for (long idle : new long[] {20, 300, 1_000, 4_000, 9_000, 30_000, 60_000, 100_000}) {
      close(idle);
    }
    assertEquals(0, limit());
  }

  @Test
  void ofTwoTimeoutsTheStricterHolds() {
    for (int i = 0; i < 3; i++) {
      close(5_000);
      close(50);
    }
    assertEquals(50, limit());
  }

  @Test
  void aNewTimeoutReplacesTheOld() {
    for (int i = 0; i < 3; i++) {
      close(50);
    }
    for (int i = 0; i < 6; i++) {
      close(500);
    }
    assertEquals(500, limit());
    for (int i = 0; i < 3; i++) {
      close(50);
    }
    assertEquals(50, limit());
  }

  @Test
  void closesThatAgreeOnNothingDoNotTakeItAway() {
    for (int i = 0; i < 3; i++) {
      close(50);
    }
    long learnedAt = now;
    for (long idle : new long[] {1, 2, 15, 18, 70, 75, 120, 130, 1, 2}) {
      close(idle);
      assertEquals(50, limit());
    }
    close(50);
    now = learnedAt + LearnedTimeout.STEADY_NANOS;
    assertEquals(50, limit());
    now = learnedAt + LearnedTimeout.STEADY_NANOS * 5;
    assertEquals(0, limit());
  }

  @Test
  void unconfirmedItGrowsAndIsForgotten() {
    for (int i = 0; i < 3; i++) {
      close(5_000);
    }
    long learnedAt = now;
    now = learnedAt + LearnedTimeout.STEADY_NANOS - 10_000 * MS;
    assertEquals(5_000, limit());
    now = learnedAt + LearnedTimeout.STEADY_NANOS * 2;
    assertTrue(limit() > 9_000 && limit() < 11_000, "after 20 minutes it is " + limit());
    now = learnedAt + LearnedTimeout.STEADY_NANOS * 5;
    assertEquals(0, limit());
  }

  @Test
  void oneCloseConfirmsItAnew() {
    for (int i = 0; i < 3; i++) {
      close(5_000);
    }
    now += LearnedTimeout.STEADY_NANOS * 2;
    assertTrue(limit() > 9_000, "grown to " + limit());
    close(5_100);
    assertEquals(5_000, limit());
  }

  /** A close, and two seconds later. */
  private void close(long idle) {
    learned.closedAfter(idle * MS, now);
    now += 2_000 * MS;
  }

  private long limit() {
    return learned.nanos(now) / MS;
  }
}
