package org.keepaliveagent.telemetry;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.policy.Attempt;
import org.keepaliveagent.policy.Eviction;
import org.keepaliveagent.policy.IpAddress;
import org.keepaliveagent.policy.Mode;
import org.keepaliveagent.policy.Reason;

/**
 * The attributes of an attempt's spans: the stable HTTP conventions and our own under {@code
 * upstream.}.
 */
final class AttemptAttributes {
  /** The names of spans, by the methods of the HTTP conventions. */
  private static final Map<String, String> NAMES = new HashMap<>();

  /** Any other word may come from a stranger and stands for itself only. */
  private static final String OTHER_NAME = "upstream HTTP";

  static {
    for (String method :
        Arrays.asList(
            "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY",
            "TRACE")) {
      NAMES.put(method, "upstream " + method);
    }
  }

  private AttemptAttributes() {}

  /** What the span of an attempt with this method is called; one name for all unknown methods. */
  static String name(Attempt a) {
    return NAMES.getOrDefault(a.method, OTHER_NAME);
  }

  /** Of {@code upstream}. A decision after a response stands here, else at the reset. */
  static void upstream(Attempt a, SpanDraft to) {
    if (NAMES.containsKey(a.method)) {
      to.with("http.request.method", a.method);
    } else {
      to.with("http.request.method", "_OTHER").with("http.request.method_original", a.method);
    }
    to.with("server.address", a.host).with("server.port", (long) a.port);
    to.with("network.peer.address", peer(a));
    to.with("upstream.library", a.library);
    to.with("upstream.policy", a.policy);
    to.with("upstream.mode", a.mode.word());
    if (a.connectionId != 0) {
      to.with("upstream.connection.id", a.connectionId);
      to.with("upstream.connection.reused", a.reused);
      to.with("upstream.connection.idle_ms", a.reused ? millis(a.idleNanos) : null);
      to.with("upstream.connection.age_ms", millis(a.ageNanos));
      to.with("upstream.connection.requests", a.requests);
    }
    to.with("upstream.acquire.skipped", a.skipped == 0 ? null : (long) a.skipped);
    to.with("http.response.status_code", a.status == 0 ? null : (long) a.status);
    to.with("http.request.resend_count", a.resendCount == 0 ? null : (long) a.resendCount);
    to.with("error.type", errorType(a));
    to.with("upstream.close.reason", closeReason(a));
    if (a.errorType == null && a.retry != null) {
      decision(to, a.retry, a.mode, a.retried);
    }
  }

  /** An upstream that is named by its address is at that address. */
  private static @Nullable String peer(Attempt a) {
    boolean named = a.peerAddress == null && IpAddress.parse(a.host) != null;
    return named && a.connectionId != 0 ? a.host : a.peerAddress;
  }

  private static @Nullable String closeReason(Attempt a) {
    if (a.closeReason != null) {
      return a.closeReason.word();
    }
    return a.errorType != null && a.connectionId != 0 ? "error" : null;
  }

  /** What went wrong: the failure, else a status from 400; {@code null} when nothing did. */
  static @Nullable String errorType(Attempt a) {
    if (a.errorType != null) {
      return a.errorType;
    }
    return a.status >= 400 ? Integer.toString(a.status) : null;
  }

  /** Of {@code connection reuse} and {@code connection open}. */
  static void connection(Attempt a, SpanDraft to) {
    to.with("upstream.connection.id", a.connectionId);
    to.with("upstream.tls.resumed", a.reused ? null : a.tlsResumed);
  }

  /** Of {@code connection reset}. */
  static void reset(Attempt a, SpanDraft to) {
    to.with("error.type", a.errorType);
    to.with("upstream.reset.phase", a.failedIn == null ? null : a.failedIn.word());
    to.with("upstream.reset.initiator", a.byPeer ? "peer" : "local");
    decision(to, a.retry, a.mode, a.retried);
  }

  /** Of {@code request retry}. */
  static void retry(Attempt a, SpanDraft to) {
    decision(to, a.retryReason, a.mode, true);
  }

  /** Of {@code connection evict}. */
  static void evict(Eviction e, SpanDraft to) {
    to.with("server.address", e.host).with("server.port", (long) e.port);
    to.with("upstream.library", e.library);
    to.with("upstream.policy", e.policy);
    to.with("upstream.mode", e.mode.word());
    to.with("upstream.connection.id", e.connectionId);
    to.with("upstream.connection.idle_ms", millis(e.endedAt - e.parkedAt));
    to.with("upstream.connection.age_ms", millis(e.endedAt - e.openedAt));
    to.with("upstream.connection.requests", e.requests);
    to.with("upstream.close.reason", e.reason.word());
  }

  private static long millis(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos);
  }

  /**
   * What the retry rule said. In {@code observe} the library does as it likes: where that is
   * something else, the reason is the rule's and it was denied by {@code observe}.
   */
  private static void decision(SpanDraft to, @Nullable Reason rule, Mode mode, boolean retried) {
    String decision = "upstream.retry.decision";
    String reason = "upstream.retry.reason";
    String deniedBy = "upstream.retry.denied_by";
    if (rule == null) {
      to.with(decision, "not_needed");
    } else if (mode == Mode.OBSERVE && rule.allows() != retried) {
      to.with(decision, "denied").with(reason, rule.word()).with(deniedBy, "observe");
    } else if (rule.allows()) {
      to.with(decision, "allowed").with(reason, rule.word());
    } else {
      to.with(decision, "denied").with(deniedBy, rule.word());
    }
  }
}
