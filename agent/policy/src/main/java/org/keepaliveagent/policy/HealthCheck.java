package org.keepaliveagent.policy;

/** {@code health_check}: how a peer is probed, with NGINX Plus' meaning. Immutable. */
public final class HealthCheck {
  /** No probing. */
  public static final HealthCheck NONE = new HealthCheck("", 0, 0, 0);

  private final String uri;
  private final long intervalNanos;
  private final long fails;
  private final long passes;

  public HealthCheck(String uri, long intervalNanos, long fails, long passes) {
    this.uri = uri;
    this.intervalNanos = intervalNanos;
    this.fails = fails;
    this.passes = passes;
  }

  /** Whether there is any probing. */
  public boolean isStated() {
    return !uri.isEmpty();
  }

  /** The path that is asked for; empty for no probing. */
  public String uri() {
    return uri;
  }

  /** The time between two probes. */
  public long intervalNanos() {
    return intervalNanos;
  }

  /** Failures in a row after which a peer is unhealthy. */
  public long fails() {
    return fails;
  }

  /** Successes in a row after which it is healthy again. */
  public long passes() {
    return passes;
  }
}
