package org.keepaliveagent.telemetry;

import java.util.concurrent.TimeUnit;
import org.keepaliveagent.policy.Attempt;

/** Of which sampled attempts spans are made: the option {@code spans}. */
public enum SpanChoice {
  ALL,
  /** Of those that have something to tell. */
  NOTABLE,
  OFF;

  /** From here on an attempt has waited long: for its connection, or between lease and send. */
  static final long LONG_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** The choice, after the attempt. */
  boolean takes(Attempt a) {
    return this == ALL || (this == NOTABLE && isNotable(a));
  }

  private static boolean isNotable(Attempt a) {
    boolean died = a.errorType != null;
    boolean judged = a.retry != null || a.retryOf != 0;
    boolean fresh = !a.reused && a.requests <= 1;
    boolean waited = a.reused && a.sentAt - a.leasedAt >= LONG_WAIT_NANOS;
    return died || judged || fresh || waited;
  }
}
