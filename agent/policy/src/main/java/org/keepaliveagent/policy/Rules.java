package org.keepaliveagent.policy;

import org.jspecify.annotations.Nullable;

/**
 * What the agent decides, and nothing else: each rule is a ladder of guards, cheapest first, that
 * ends in the positive answer.
 *
 * <p>Pure functions of facts, policy and time; moments are many (lease, park, sweep), the rule is
 * one.
 */
final class Rules {
  /** The most that jitter takes off {@code keepalive_time}: a tenth. */
  private static final int JITTER_DIVISOR = 10;

  /** So many retries may be in progress whatever the retry budget says. */
  private static final int FEWEST_RETRIES = 3;

  private static final String[] HOP_BY_HOP = {
    "connection", "keep-alive", "proxy-connection", "te", "upgrade", "http2-settings"
  };

  private Rules() {}

  /**
   * May this parked connection carry another request?
   *
   * @param parkedAt when it was parked
   * @param repeatable whether the request may be executed twice
   */
  static Reason lease(Connection c, Policy p, long parkedAt, long now, boolean repeatable) {
    Reason stale = c.upstream.staleness(parkedAt);
    if (stale != null) {
      return stale;
    }
    long idle = now - parkedAt;
    if (idle >= idleLimit(c, p, now, true)) {
      return Reason.IDLE_TIMEOUT;
    }
    if (now - c.openedAt >= ageLimit(c, p)) {
      return Reason.MAX_AGE;
    }
    boolean repaired = repeatable && p.nextUpstream().contains(FailureKind.ERROR);
    long limit = idleLimit(c, p, now, repaired);
    if (idle >= limit) {
      return Reason.NOT_FRESH;
    }
    if (!repeatable && limit != Policy.UNLIMITED && idle > limit / 100 * p.freshPercent()) {
      return Reason.NOT_FRESH;
    }
    return Reason.REUSED;
  }

  /** May this connection, whose exchange is over, wait for another one? */
  static Reason park(Connection c, Policy p, long now) {
    if (c.peerAsked) {
      return Reason.PEER_ASKED;
    }
    if (c.advertisedMax >= 0 && wasLastAdvertised(c)) {
      return Reason.PEER_ASKED;
    }
    if (c.requests >= p.maxRequests()) {
      return Reason.MAX_REQUESTS;
    }
    if (now - c.openedAt >= ageLimit(c, p)) {
      return Reason.MAX_AGE;
    }
    if (p.parksNothing()) {
      return Reason.MAX_IDLE;
    }
    return Reason.PARKED;
  }

  /**
   * May this request go once more, on a fresh connection?
   *
   * @param kind what the last attempt died of
   * @param sent whether any of the request may have left
   * @param stale whether the attempt ran on a reused connection and no response had begun
   * @param replayable whether the body can be sent again and nothing reached the caller
   * @param repeatable whether the request may be executed twice
   * @param tries attempts so far, this one included, but for those on a stale connection
   * @param elapsedNanos since the first attempt was sent
   */
  static Reason retry(
      Policy p,
      FailureKind kind,
      boolean sent,
      boolean responded,
      boolean stale,
      boolean replayable,
      boolean repeatable,
      long tries,
      long elapsedNanos) {
    if (responded) {
      return Reason.RESPONSE_STARTED;
    }
    if (!replayable) {
      return Reason.BODY_NOT_REPLAYABLE;
    }
    if (sent && !repeatable) {
      return Reason.NON_IDEMPOTENT;
    }
    if (!p.managesRetries()) {
      return Reason.LIBRARY;
    }
    if (!p.nextUpstream().contains(kind)) {
      return Reason.OFF;
    }
    if (elapsedNanos >= p.retryNanos()) {
      return Reason.TIMEOUT;
    }
    if (!stale && tries >= p.tries()) {
      return Reason.TRIES;
    }
    if (stale) {
      return Reason.STALE;
    }
    return sent ? Reason.LISTED : Reason.NOT_SENT;
  }

  /**
   * Does the retry budget allow one more? As {@code budget} of service meshes: a share of the
   * requests in progress, and always a few.
   *
   * @param retrying repetitions in progress
   * @param active requests in progress, repetitions included
   */
  static boolean withinBudget(Policy p, int retrying, int active) {
    return retrying < FEWEST_RETRIES || retrying < (long) active * p.retryPercent() / 100;
  }

  /**
   * May this request, which was answered, go once more because of the answer's status?
   *
   * @param kind the kind that the status is, or {@code null}
   * @param repeatable whether the request may be executed twice
   * @param attempts how often it was sent so far
   */
  static Reason repeat(Policy p, @Nullable FailureKind kind, boolean repeatable, int attempts) {
    if (!repeatable) {
      return Reason.NON_IDEMPOTENT;
    }
    if (!p.managesRetries()) {
      return Reason.LIBRARY;
    }
    if (kind == null || !p.nextUpstream().contains(kind)) {
      return Reason.OFF;
    }
    if (attempts >= p.tries()) {
      return Reason.TRIES;
    }
    return Reason.LISTED;
  }

  /**
   * May this request header cross to the upstream? Hop-by-hop as RFC 9110, 7.6.1 has it, once the
   * policy removes {@code Connection}.
   *
   * @param nominated the value of the request's {@code Connection} header
   */
  static Reason header(Policy p, String name, @Nullable String value, @Nullable String nominated) {
    if (p.headers().isEmpty()) {
      return Reason.END_TO_END;
    }
    for (String stated : p.headers().keySet()) {
      if (stated.equalsIgnoreCase(name)) {
        return p.removedHeaders().contains(stated) ? Reason.HOP_BY_HOP : Reason.REPLACED;
      }
    }
    if (!p.removedHeaders().contains("connection")) {
      return Reason.END_TO_END;
    }
    if (name.equalsIgnoreCase("te") && "trailers".equalsIgnoreCase(value)) {
      return Reason.END_TO_END;
    }
    for (String hopByHop : HOP_BY_HOP) {
      if (hopByHop.equalsIgnoreCase(name)) {
        return Reason.HOP_BY_HOP;
      }
    }
    return ConnectionHeader.has(nominated, name) ? Reason.HOP_BY_HOP : Reason.END_TO_END;
  }

  /**
   * Whether a request may be executed twice: by its method as nginx has it (all but POST, LOCK and
   * PATCH; ngx_http_upstream_next), by what the policy lists, or by its own key.
   */
  static boolean repeatable(Policy p, @Nullable String method, boolean idempotencyKey) {
    if (p.nonIdempotent() || (idempotencyKey && p.idempotencyKey())) {
      return true;
    }
    return method != null && isIdempotent(method);
  }

  /** All but POST, LOCK and PATCH; unknown methods too, as nginx has it. */
  static boolean isIdempotent(String method) {
    return !method.equals("POST") && !method.equals("PATCH") && !method.equals("LOCK");
  }

  /**
   * The least of the policy's, the advertised and the learned idle time-out.
   *
   * @param repaired whether a stale failure would be retried: the margin is then at most half of a
   *     time-out, so that short ones leave something. Without a retry a pause of either side that
   *     is longer than the margin loses a request, so the margin stays whole.
   */
  static long idleLimit(Connection c, Policy p, long now, boolean repaired) {
    return idleLimit(c.upstream, c.advertisedNanos, p, now, repaired);
  }

  /** The same of a connection on which the upstream advertised this. */
  static long idleLimit(Upstream u, long advertisedNanos, Policy p, long now, boolean repaired) {
    long limit = p.idleNanos();
    if (advertisedNanos > 0) {
      limit = Math.min(limit, lessMargin(advertisedNanos, p, repaired));
    }
    if (p.learn()) {
      long learned = u.learned().nanos(now);
      if (learned > 0) {
        limit = Math.min(limit, lessMargin(learned, p, repaired));
      }
    }
    return limit;
  }

  /** Some servers advertise how many requests a connection carries, others how many are left. */
  private static boolean wasLastAdvertised(Connection c) {
    return c.maxCountsDown ? c.advertisedMax == 0 : c.requests >= c.advertisedMax;
  }

  private static long lessMargin(long nanos, Policy p, boolean repaired) {
    return nanos - (repaired ? Math.min(p.marginNanos(), nanos / 2) : p.marginNanos());
  }

  /** {@code keepalive_time} less this connection's jitter. */
  private static long ageLimit(Connection c, Policy p) {
    long age = p.maxAgeNanos();
    return age == Policy.UNLIMITED ? age : age - age / JITTER_DIVISOR / 1000 * c.perMille();
  }
}
