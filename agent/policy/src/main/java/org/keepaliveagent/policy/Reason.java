package org.keepaliveagent.policy;

/**
 * Why a rule answered as it did: one constant for each guard.
 *
 * <p>The constant owns the word that metrics and spans carry and the sentence that people read.
 */
public enum Reason {
  /** The positive answer of the lease rule. */
  REUSED(true, "reused", "a parked connection carries the request"),
  /** The positive answer of the park rule. */
  PARKED(true, "parked", "the connection waits for the next request"),
  /** The positive answer of the header rule. */
  END_TO_END(true, "end_to_end", "the header belongs to the message"),
  /** A stale failure may be repaired. */
  STALE(true, "stale", "a reused connection died before the first byte of a response"),
  /** Nothing of the request had left. */
  NOT_SENT(true, "not_sent", "nothing of the request had been written"),
  /** A listed failure on a fresh connection, with tries left. */
  LISTED(true, "listed", "the failure is listed in next_upstream"),
  /** What the policy leaves to the library. */
  LIBRARY(true, "library", "the policy leaves the decision to the library"),

  /** The positive answer of the choice among peers. */
  CHOSEN(true, "chosen", "the peer may get requests"),

  /** Idle at or over the limit. */
  IDLE_TIMEOUT(false, "idle_timeout", "idle for as long as the limit allows"),
  /** Idle too long for a request that cannot be repaired. */
  NOT_FRESH(
      false, "not_fresh", "idle too long for a request that must not be sent twice if it fails"),
  /** Older than {@code keepalive_time}. */
  MAX_AGE(false, "max_age", "older than keepalive_time"),
  /** Carried {@code keepalive_requests} requests. */
  MAX_REQUESTS(false, "max_requests", "carried as many requests as allowed"),
  /** More idle connections than {@code keepalive}. */
  MAX_IDLE(false, "max_idle", "more idle connections than keepalive allows"),
  /** The upstream closed it. */
  PEER_CLOSED(false, "peer_closed", "the upstream has closed it"),
  /** The upstream announced that it will close it. */
  PEER_ASKED(false, "peer_asked", "the upstream asked for the connection to be closed"),
  /** Its sibling turned out stale. */
  SIBLING_STALE(
      false, "sibling_stale", "a connection parked no earlier than this one proved stale"),
  /** Already evicted, by the sweep or by an earlier question. */
  EVICTED(false, "evicted", "evicted before"),

  /** Failed {@code max_fails} times. */
  MAX_FAILS(false, "max_fails", "failed as often as max_fails allows, not long ago"),
  /** {@code health_check} says so. */
  UNHEALTHY(false, "unhealthy", "the probes of health_check fail"),

  /** The header belongs to this hop. */
  HOP_BY_HOP(false, "hop_by_hop", "the header belongs to this hop only"),

  /** The policy states another value. */
  REPLACED(false, "replaced", "the policy states the header's value"),

  /** Bytes of a response reached the caller. */
  RESPONSE_STARTED(false, "response_started", "a response had begun"),
  /** The body is gone. */
  BODY_NOT_REPLAYABLE(false, "body_not_replayable", "the body cannot be sent again"),
  /** The method may have effects twice. */
  NON_IDEMPOTENT(false, "non_idempotent", "the method must not be executed twice"),
  /** {@code next_upstream off}, or the kind is not listed. */
  OFF(false, "off", "the kind of failure is not listed in next_upstream"),
  /** {@code next_upstream_tries} used up. */
  TRIES(false, "tries", "next_upstream_tries are used up"),
  /** {@code next_upstream_timeout} passed. */
  TIMEOUT(false, "timeout", "next_upstream_timeout has passed"),
  /** {@code retry_budget} used up. */
  BUDGET(false, "budget", "as many retries are in progress as retry_budget allows");

  private final boolean allows;
  private final String word;
  private final String text;

  Reason(boolean allows, String word, String text) {
    this.allows = allows;
    this.word = word;
    this.text = text;
  }

  /** Whether this reason stands for <em>yes</em>. */
  public boolean allows() {
    return allows;
  }

  /** The value of metrics and span attributes. */
  public String word() {
    return word;
  }

  /** The sentence that people read. */
  public String text() {
    return text;
  }
}
