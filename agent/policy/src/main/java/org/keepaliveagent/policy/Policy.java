package org.keepaliveagent.policy;

import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * What holds for one upstream: the directives, checked and in the units that the rules use.
 *
 * <p>Immutable. Durations are nanoseconds; {@link #UNLIMITED} stands for no limit.
 */
public final class Policy {
  /** No limit. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  private final String name;
  private final Mode mode;
  private final long maxIdle;
  private final long maxRequests;
  private final long maxAgeNanos;
  private final long idleNanos;
  private final long marginNanos;
  private final boolean learn;
  private final int freshPercent;
  private final Set<String> removedHeaders;
  private final boolean managesRetries;
  private final Set<FailureKind> nextUpstream;
  private final boolean nonIdempotent;
  private final long tries;
  private final long retryNanos;
  private final boolean idempotencyKey;

  private Policy(Builder b) {
    name = b.name;
    mode = b.mode;
    maxIdle = b.maxIdle;
    maxRequests = b.maxRequests;
    maxAgeNanos = b.maxAgeNanos;
    idleNanos = b.idleNanos;
    marginNanos = b.marginNanos;
    learn = b.learn;
    freshPercent = b.freshPercent;
    removedHeaders = Collections.unmodifiableSet(new HashSet<>(b.removedHeaders));
    managesRetries = b.managesRetries;
    nextUpstream = Collections.unmodifiableSet(EnumSet.copyOf(b.nextUpstream));
    nonIdempotent = b.nonIdempotent;
    tries = b.tries;
    retryNanos = b.retryNanos;
    idempotencyKey = b.idempotencyKey;
  }

  /** The built-in default: only what is safe for every application. */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /** A builder that starts with this policy's values. */
  public Builder toBuilder() {
    Builder b = new Builder(name);
    b.mode = mode;
    b.maxIdle = maxIdle;
    b.maxRequests = maxRequests;
    b.maxAgeNanos = maxAgeNanos;
    b.idleNanos = idleNanos;
    b.marginNanos = marginNanos;
    b.learn = learn;
    b.freshPercent = freshPercent;
    b.removedHeaders.addAll(removedHeaders);
    b.managesRetries = managesRetries;
    b.nextUpstream.addAll(nextUpstream);
    b.nonIdempotent = nonIdempotent;
    b.tries = tries;
    b.retryNanos = retryNanos;
    b.idempotencyKey = idempotencyKey;
    return b;
  }

  public String name() {
    return name;
  }

  public Mode mode() {
    return mode;
  }

  /** {@code keepalive}: idle connections kept for this upstream in this process. */
  public long maxIdle() {
    return maxIdle;
  }

  /** {@code keepalive_requests}: requests a connection carries. */
  public long maxRequests() {
    return maxRequests;
  }

  /** {@code keepalive_time}: how old a connection may be when it is leased or parked. */
  public long maxAgeNanos() {
    return maxAgeNanos;
  }

  /** {@code keepalive_timeout}: how long a connection may have been idle when it is leased. */
  public long idleNanos() {
    return idleNanos;
  }

  /** {@code keepalive_margin}: taken off advertised and learned time-outs. */
  public long marginNanos() {
    return marginNanos;
  }

  /** {@code learn}: whether the upstream's own closes set a limit. */
  public boolean learn() {
    return learn;
  }

  /**
   * {@code fresh_for_non_idempotent}: the share of the effective idle time-out, in percent, up to
   * which a connection may have been idle to carry a request that must not be sent twice.
   */
  public int freshPercent() {
    return freshPercent;
  }

  /** {@code set_header NAME ""}: headers that do not cross, in lower case. */
  public Set<String> removedHeaders() {
    return removedHeaders;
  }

  /**
   * Whether {@code next_upstream} was stated at all. Without it nothing is added to the library's
   * own retries, and of those only the unsafe ones are suppressed.
   */
  public boolean managesRetries() {
    return managesRetries;
  }

  /** {@code next_upstream}: failures after which a request may be tried again. */
  public Set<FailureKind> nextUpstream() {
    return nextUpstream;
  }

  /** {@code next_upstream non_idempotent}: POST, LOCK and PATCH may be tried again too. */
  public boolean nonIdempotent() {
    return nonIdempotent;
  }

  /** {@code next_upstream_tries}: attempts on fresh connections. */
  public long tries() {
    return tries;
  }

  /** {@code next_upstream_timeout}: time since the first attempt in which a retry may start. */
  public long retryNanos() {
    return retryNanos;
  }

  /** {@code idempotency_key}: a request that carries the header counts as safe to repeat. */
  public boolean idempotencyKey() {
    return idempotencyKey;
  }

  /** Collects a policy's values; the initial ones are the built-in default. */
  public static final class Builder {
    private String name;
    private Mode mode = Mode.ENFORCE;
    private long maxIdle = UNLIMITED;
    private long maxRequests = UNLIMITED;
    private long maxAgeNanos = UNLIMITED;
    private long idleNanos = UNLIMITED;
    private long marginNanos = 500_000_000L;
    private boolean learn = true;
    private int freshPercent = 50;
    private final Set<String> removedHeaders = new HashSet<>();
    private boolean managesRetries;
    private final Set<FailureKind> nextUpstream = EnumSet.noneOf(FailureKind.class);
    private boolean nonIdempotent;
    private long tries = 1;
    private long retryNanos = UNLIMITED;
    private boolean idempotencyKey;

    private Builder(String name) {
      this.name = name;
    }

    public Builder name(String value) {
      name = value;
      return this;
    }

    public Builder mode(Mode value) {
      mode = value;
      return this;
    }

    public Builder maxIdle(long value) {
      maxIdle = value;
      return this;
    }

    public Builder maxRequests(long value) {
      maxRequests = value;
      return this;
    }

    public Builder maxAgeNanos(long value) {
      maxAgeNanos = value;
      return this;
    }

    public Builder idleNanos(long value) {
      idleNanos = value;
      return this;
    }

    public Builder marginNanos(long value) {
      marginNanos = value;
      return this;
    }

    public Builder learn(boolean value) {
      learn = value;
      return this;
    }

    /** From 0 (always a new connection) to 100 (as for any other request). */
    public Builder freshPercent(int value) {
      freshPercent = value;
      return this;
    }

    public Builder removeHeader(String name) {
      removedHeaders.add(name.toLowerCase(Locale.ROOT));
      return this;
    }

    /** States {@code next_upstream}; an empty set is {@code off}. */
    public Builder nextUpstream(Set<FailureKind> kinds, boolean alsoNonIdempotent) {
      managesRetries = true;
      nextUpstream.clear();
      nextUpstream.addAll(kinds);
      nonIdempotent = alsoNonIdempotent;
      return this;
    }

    public Builder tries(long value) {
      tries = value;
      return this;
    }

    public Builder retryNanos(long value) {
      retryNanos = value;
      return this;
    }

    public Builder idempotencyKey(boolean value) {
      idempotencyKey = value;
      return this;
    }

    public Policy build() {
      return new Policy(this);
    }
  }
}
