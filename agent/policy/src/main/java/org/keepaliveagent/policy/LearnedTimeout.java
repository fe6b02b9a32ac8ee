package org.keepaliveagent.policy;

import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

/**
 * An upstream's idle time-out, learned from its own closes: a pure function of the moments at which
 * connections that had been idle for some time were closed by the peer.
 *
 * <pre>
 *   idle time at the close
 *      |  x        x                       three closes at about the same idle time, at
 *      |      x          x    -> learned   moments apart, are a time-out; many closes at
 *      |                                   one moment are a restart and count as one
 *      +------------------------> moment
 * </pre>
 *
 * What was learned and not seen again for {@link #STEADY_NANOS} is probed upward: the limit grows
 * with time until a close confirms it anew, and is forgotten at {@link #FORGOTTEN_AT} times its
 * value. Any thread; lock-free.
 */
final class LearnedTimeout {
  /** How many closes at about the same idle time make a time-out. */
  static final int CLOSES = 3;

  /** How long a learned limit stays as it is without being confirmed. */
  static final long STEADY_NANOS = 600_000_000_000L;

  /** The multiple of its value at which a limit that was never confirmed again is forgotten. */
  static final int FORGOTTEN_AT = 4;

  private static final int KEPT = 8;
  private static final long MILLISECOND = 1_000_000L;
  private static final long SECOND = 1_000_000_000L;

  private static final AtomicReferenceFieldUpdater<LearnedTimeout, Closes> CLOSES_FIELD =
      AtomicReferenceFieldUpdater.newUpdater(LearnedTimeout.class, Closes.class, "closes");

  private volatile Closes closes = Closes.NONE;

  /**
   * A connection that had been idle for this long was closed by the peer, or turned out closed.
   *
   * @param now the moment it was noticed
   */
  void closedAfter(long idleNanos, long now) {
    while (true) {
      Closes before = closes;
      Closes after = before.with(idleNanos, now);
      if (after == before || CLOSES_FIELD.compareAndSet(this, before, after)) {
        return;
      }
    }
  }

  /** The idle time-out in nanoseconds; 0 while none is known. */
  long nanos(long now) {
    Closes known = closes;
    if (known.limit == 0) {
      return 0;
    }
    long unconfirmed = now - known.confirmedAt - STEADY_NANOS;
    if (unconfirmed <= 0) {
      return known.limit;
    }
    double grown = known.limit * (1.0 + (double) unconfirmed / STEADY_NANOS);
    return grown >= (double) known.limit * FORGOTTEN_AT ? 0 : (long) grown;
  }

  /** About the same: within a quarter, or within what a pause of the machine explains. */
  private static long tolerated(long idle) {
    return idle + idle / 4 + 10 * MILLISECOND;
  }

  /** The last closes, oldest first, and what they say. */
  private static final class Closes {
    static final Closes NONE = new Closes(new long[0], new long[0], 0, 0);

    private final long[] idles;
    private final long[] moments;
    final long limit;
    final long confirmedAt;

    /**
     * What was known before holds while the closes kept say nothing else, as on a machine so busy
     * that no three of them are alike; one of about that idle time confirms it.
     */
    private Closes(long[] idles, long[] moments, long limitBefore, long confirmedBefore) {
      this.idles = idles;
      this.moments = moments;
      long best = 0;
      long confirmed = 0;
      for (long candidate : idles) {
        int alike = 0;
        long last = 0;
        for (int i = 0; i < idles.length; i++) {
          if (idles[i] >= candidate && idles[i] <= tolerated(candidate)) {
            alike++;
            last = moments[i];
          }
        }
        if (alike >= CLOSES && (best == 0 || candidate < best)) {
          best = candidate;
          confirmed = last;
        }
      }
      int last = idles.length - 1;
      if (best == 0 && limitBefore > 0) {
        best = limitBefore;
        boolean confirms = idles[last] >= best && idles[last] <= tolerated(best);
        confirmed = confirms ? moments[last] : confirmedBefore;
      }
      limit = best;
      confirmedAt = confirmed;
    }

    Closes with(long idle, long now) {
      int n = idles.length;
      if (n > 0 && now - moments[n - 1] < Math.min(idles[n - 1] / 4, SECOND)) {
        return idle >= idles[n - 1] ? this : replaceLast(idle);
      }
      int dropped = n == KEPT ? 1 : 0;
      long[] nextIdles = new long[n - dropped + 1];
      long[] nextMoments = new long[n - dropped + 1];
      System.arraycopy(idles, dropped, nextIdles, 0, n - dropped);
      System.arraycopy(moments, dropped, nextMoments, 0, n - dropped);
      nextIdles[n - dropped] = idle;
      nextMoments[n - dropped] = now;
      return new Closes(nextIdles, nextMoments, limit, confirmedAt);
    }

    private Closes replaceLast(long idle) {
      long[] nextIdles = idles.clone();
      nextIdles[nextIdles.length - 1] = idle;
      return new Closes(nextIdles, moments, limit, confirmedAt);
    }
  }
}
