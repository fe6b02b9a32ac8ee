package org.keepaliveagent.telemetry;

import static io.opentelemetry.api.common.AttributeKey.booleanKey;
import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.policy.Attempt;
import org.keepaliveagent.policy.Mode;
import org.keepaliveagent.policy.Reason;

/**
 * The attributes of an attempt's spans: the stable HTTP conventions and our own under {@code
 * upstream.}.
 */
final class AttemptAttributes {
  private static final AttributeKey<String> METHOD = stringKey("http.request.method");
  private static final AttributeKey<String> METHOD_ORIGINAL =
      stringKey("http.request.method_original");
  private static final AttributeKey<Long> RESEND_COUNT = longKey("http.request.resend_count");
  private static final AttributeKey<Long> STATUS_CODE = longKey("http.response.status_code");
  private static final AttributeKey<String> ADDRESS = stringKey("server.address");
  private static final AttributeKey<Long> PORT = longKey("server.port");
  private static final AttributeKey<String> ERROR_TYPE = stringKey("error.type");

  private static final AttributeKey<String> LIBRARY = stringKey("upstream.library");
  private static final AttributeKey<String> POLICY = stringKey("upstream.policy");
  private static final AttributeKey<String> MODE = stringKey("upstream.mode");
  private static final AttributeKey<Long> CONNECTION = longKey("upstream.connection.id");
  private static final AttributeKey<Boolean> REUSED = booleanKey("upstream.connection.reused");
  private static final AttributeKey<Long> IDLE = longKey("upstream.connection.idle_ms");
  private static final AttributeKey<Long> AGE = longKey("upstream.connection.age_ms");
  private static final AttributeKey<Long> REQUESTS = longKey("upstream.connection.requests");
  private static final AttributeKey<String> RESET_PHASE = stringKey("upstream.reset.phase");
  private static final AttributeKey<String> RESET_INITIATOR = stringKey("upstream.reset.initiator");
  private static final AttributeKey<String> RETRY = stringKey("upstream.retry.decision");
  private static final AttributeKey<String> RETRY_REASON = stringKey("upstream.retry.reason");
  private static final AttributeKey<String> RETRY_DENIED_BY = stringKey("upstream.retry.denied_by");

  /**
   * Of the HTTP conventions: any other word may come from a stranger and stands for itself only.
   */
  private static final Set<String> KNOWN_METHODS =
      new HashSet<>(
          Arrays.asList(
              "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY",
              "TRACE"));

  private AttemptAttributes() {}

  /** What the span of an attempt with this method is called; one name for all unknown methods. */
  static String name(Attempt a) {
    return "upstream " + (KNOWN_METHODS.contains(a.method) ? a.method : "HTTP");
  }

  /** Of {@code upstream}. A decision after a response stands here, else at the reset. */
  static Attributes upstream(Attempt a) {
    AttributesBuilder to = Attributes.builder();
    if (KNOWN_METHODS.contains(a.method)) {
      to.put(METHOD, a.method);
    } else {
      to.put(METHOD, "_OTHER").put(METHOD_ORIGINAL, a.method);
    }
    to.put(ADDRESS, a.host);
    to.put(PORT, (long) a.port);
    to.put(LIBRARY, a.library);
    to.put(POLICY, a.policy);
    to.put(MODE, a.mode.word());
    to.put(CONNECTION, a.connectionId);
    to.put(REUSED, a.reused);
    if (a.reused) {
      to.put(IDLE, TimeUnit.NANOSECONDS.toMillis(a.idleNanos));
    }
    to.put(AGE, TimeUnit.NANOSECONDS.toMillis(a.ageNanos));
    to.put(REQUESTS, a.requests);
    if (a.status != 0) {
      to.put(STATUS_CODE, (long) a.status);
    }
    if (a.resendCount != 0) {
      to.put(RESEND_COUNT, (long) a.resendCount);
    }
    to.put(ERROR_TYPE, errorType(a));
    if (a.errorType == null && a.retry != null) {
      decision(to, a.retry, a.mode, a.retried);
    }
    return to.build();
  }

  /** What went wrong: the failure, else a status from 400; {@code null} when nothing did. */
  static @Nullable String errorType(Attempt a) {
    if (a.errorType != null) {
      return a.errorType;
    }
    return a.status >= 400 ? Integer.toString(a.status) : null;
  }

  /** Of {@code connection reuse} and {@code connection open}. */
  static Attributes connection(Attempt a) {
    return Attributes.of(CONNECTION, a.connectionId);
  }

  /** Of {@code connection reset}. */
  static Attributes reset(Attempt a) {
    AttributesBuilder to = Attributes.builder();
    to.put(ERROR_TYPE, a.errorType);
    if (a.failedIn != null) {
      to.put(RESET_PHASE, a.failedIn.word());
    }
    to.put(RESET_INITIATOR, a.byPeer ? "peer" : "local");
    decision(to, a.retry, a.mode, a.retried);
    return to.build();
  }

  /** Of {@code request retry}. */
  static Attributes retry(Attempt a) {
    AttributesBuilder to = Attributes.builder();
    decision(to, a.retryReason, a.mode, true);
    return to.build();
  }

  /**
   * What the retry rule said. In {@code observe} the library does as it likes: where that is
   * something else, the reason is the rule's and it was denied by {@code observe}.
   */
  private static void decision(
      AttributesBuilder to, @Nullable Reason rule, Mode mode, boolean retried) {
    if (rule == null) {
      to.put(RETRY, "not_needed");
    } else if (mode == Mode.OBSERVE && rule.allows() != retried) {
      to.put(RETRY, "denied").put(RETRY_REASON, rule.word()).put(RETRY_DENIED_BY, "observe");
    } else if (rule.allows()) {
      to.put(RETRY, "allowed").put(RETRY_REASON, rule.word());
    } else {
      to.put(RETRY, "denied").put(RETRY_DENIED_BY, rule.word());
    }
  }
}
