package org.keepaliveagent.policy;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Whether a peer may be chosen: {@code max_fails} and {@code fail_timeout} as nginx counts them
 * (ngx_http_upstream_get_round_robin_peer and its free), and what {@code health_check} found.
 *
 * <p>Not a sliding window: failures add up until a peer answers that was chosen a whole {@code
 * fail_timeout} after the last one. nginx counts whole seconds, this class nanoseconds. Any thread;
 * a peer that never failed costs one volatile read.
 */
public final class PeerHealth {
  private final AtomicInteger fails = new AtomicInteger();

  /** When it failed last, or was chosen to see whether it still does. */
  private final AtomicLong checkedAt = new AtomicLong();

  private volatile long failedAt;
  private volatile boolean unhealthy;

  /** Probes in a row that said the contrary of what holds. The probing thread's own. */
  private long contrary;

  /** Whether the probes of {@code health_check} have failed, and not passed again since. */
  public boolean isUnhealthy() {
    return unhealthy;
  }

  /** Failures that count at this moment. */
  public int fails() {
    return fails.get();
  }

  /**
   * May the peer be chosen? Of one that failed too often, one caller a {@code fail_timeout} may.
   *
   * @param now {@link System#nanoTime}; not looked at where the policy counts no failures
   */
  Reason choose(Policy p, long now) {
    if (unhealthy && p.healthCheck().isStated()) {
      return Reason.UNHEALTHY;
    }
    long most = p.maxFails();
    if (most == Policy.UNLIMITED || most == 0 || fails.get() == 0) {
      return Reason.CHOSEN;
    }
    long checked = checkedAt.get();
    boolean probes = now - checked > p.failNanos() && checkedAt.compareAndSet(checked, now);
    return probes || fails.get() < most ? Reason.CHOSEN : Reason.MAX_FAILS;
  }

  /** A request failed on a fresh connection, or no connection could be made. */
  void failed(long now) {
    failedAt = now;
    checkedAt.set(now);
    fails.incrementAndGet();
  }

  /** A request was answered. */
  void answered() {
    if (fails.get() != 0 && failedAt - checkedAt.get() < 0) {
      fails.set(0);
    }
  }

  /** A probe has ended; returns whether that changed {@link #isUnhealthy}. One thread at a time. */
  boolean probed(HealthCheck check, boolean passed) {
    if (passed != unhealthy) {
      contrary = 0;
      return false;
    }
    contrary++;
    if (contrary < (passed ? check.passes() : check.fails())) {
      return false;
    }
    contrary = 0;
    unhealthy = !passed;
    return true;
  }
}
