package org.keepaliveagent.telemetry;

import java.util.concurrent.TimeUnit;
import org.keepaliveagent.policy.Attempt;
import org.keepaliveagent.policy.Mode;
import org.keepaliveagent.policy.Policy;
import org.keepaliveagent.policy.Reason;
import org.keepaliveagent.policy.Upstream;

/** Attempts as the engine reports them. Times are milliseconds after {@link #BASE}. */
final class Attempts {
  static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  static final String CALLER = "00f067aa0ba902b7";
  static final String SAMPLED = "00-" + TRACE + "-" + CALLER + "-01";

  private static final long BASE = System.nanoTime() - TimeUnit.MINUTES.toNanos(1);

  private Attempts() {}

  static long at(long millis) {
    return BASE + TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /** On connection 17, parked for 61 s, that carries its 42nd request; 200 after 30 ms. */
  static Attempt reuse(long id, String method, String traceparent) {
    return reuse(Mode.ENFORCE, id, method, traceparent);
  }

  static Attempt reuse(Mode mode, long id, String method, String traceparent) {
    Attempt a = attempt(mode, id, 17, method, traceparent);
    a.reused = true;
    a.idleNanos = TimeUnit.SECONDS.toNanos(61);
    a.ageNanos = TimeUnit.MINUTES.toNanos(12);
    a.requests = 42;
    a.openedAt = at(0) - a.ageNanos;
    a.leasedAt = at(0);
    a.sentAt = at(2);
    a.respondedAt = at(20);
    a.endedAt = at(30);
    a.status = 200;
    return a;
  }

  /** On connection 23, opened for it; 200 after 40 ms. */
  static Attempt open(long id, String method, String traceparent) {
    Attempt a = attempt(Mode.ENFORCE, id, 23, method, traceparent);
    a.requests = 1;
    a.openedAt = at(100);
    a.leasedAt = at(100);
    a.sentAt = at(110);
    a.respondedAt = at(130);
    a.endedAt = at(140);
    a.status = 200;
    return a;
  }

  /** As {@link #reuse}, but the peer had closed the connection. */
  static Attempt stale(Mode mode, long id, String method, Reason rule, boolean retried) {
    Attempt a = reuse(mode, id, method, SAMPLED);
    a.respondedAt = 0;
    a.status = 0;
    a.errorType = "connection_reset";
    a.failedIn = Attempt.Phase.AWAITING_RESPONSE;
    a.byPeer = true;
    a.retry = rule;
    a.retried = retried;
    return a;
  }

  /** Makes the attempt the repetition of another one, decided after 50 ms. */
  static Attempt repeating(Attempt a, long failed, Reason why) {
    a.retryOf = failed;
    a.resendCount = 1;
    a.retryDecidedAt = at(50);
    a.retryReason = why;
    return a;
  }

  private static Attempt attempt(
      Mode mode, long id, long connection, String method, String traceparent) {
    Policy policy = Policy.builder("orders").mode(mode).build();
    Upstream upstream = new Upstream("http", "orders.internal", 8080, policy);
    return new Attempt(id, upstream, "java-http-client", connection, method, traceparent);
  }
}
