package org.keepaliveagent.policy;

/** A decided repetition of an exchange, from the decision until its next attempt is sent. */
final class Retry {
  final Upstream upstream;
  final long failedAttempt;
  final long firstSentAt;
  final long decidedAt;
  final Reason reason;
  final int resendCount;

  /** Attempts of this exchange so far, but for those on a stale connection. */
  final int tries;

  /** Whether the next attempt must not take a parked connection. */
  final boolean onFresh;

  Retry(
      Upstream upstream,
      long failedAttempt,
      long firstSentAt,
      long decidedAt,
      Reason reason,
      int resendCount,
      int tries,
      boolean onFresh) {
    this.upstream = upstream;
    this.failedAttempt = failedAttempt;
    this.firstSentAt = firstSentAt;
    this.decidedAt = decidedAt;
    this.reason = reason;
    this.resendCount = resendCount;
    this.tries = tries;
    this.onFresh = onFresh;
  }
}
