package org.keepaliveagent.telemetry;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for a condition that nobody announces. */
final class Await {
  private Await() {}

  /**
   * @param what completes the sentence <em>waited in vain until …</em>
   */
  static void until(String what, BooleanSupplier condition) {
    long giveUpAt = System.nanoTime() + 20_000_000_000L;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - giveUpAt > 0) {
        throw new AssertionError("waited in vain until " + what);
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** Until no live thread's name starts so. */
  static void threadsGone(String name) {
    until("no thread " + name + " is left", () -> threads(name) == 0);
  }

  static long threads(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith(name))
        .count();
  }
}
