package org.keepaliveagent.policy;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Parked connections that were refused to a thread since it last got one. Costs nothing while no
 * thread was refused any.
 */
final class Skipped {
  private static final ThreadLocal<int[]> OF_THREAD = new ThreadLocal<>();
  private static final AtomicInteger THREADS = new AtomicInteger();

  private Skipped() {}

  /** A connection was refused to this thread. */
  static void one() {
    int[] count = OF_THREAD.get();
    if (count == null) {
      count = new int[1];
      OF_THREAD.set(count);
    }
    if (count[0]++ == 0) {
      THREADS.incrementAndGet();
    }
  }

  /** This thread got one; how many were refused to it before. */
  static int take() {
    if (THREADS.get() == 0) {
      return 0;
    }
    int[] count = OF_THREAD.get();
    if (count == null || count[0] == 0) {
      return 0;
    }
    int taken = count[0];
    count[0] = 0;
    THREADS.decrementAndGet();
    return taken;
  }
}
