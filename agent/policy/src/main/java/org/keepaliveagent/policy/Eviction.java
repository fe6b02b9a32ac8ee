package org.keepaliveagent.policy;

/**
 * The end of a connection while it was parked: the plain record that a span is built from.
 *
 * <p>Moments are {@link System#nanoTime()} values.
 */
public final class Eviction {
  /** The adapter's name. */
  public final String library;

  public final String host;
  public final int port;

  /** The name of the policy that held. */
  public final String policy;

  public final Mode mode;
  public final long connectionId;
  public final Reason reason;

  /** How many requests the connection had carried. */
  public final long requests;

  public final long openedAt;
  public final long parkedAt;
  public final long endedAt;

  Eviction(Connection c, Reason reason, long parkedAt, long endedAt) {
    Policy policy = c.upstream.policy();
    this.library = c.library.name();
    this.host = c.upstream.host();
    this.port = c.upstream.port();
    this.policy = policy.name();
    this.mode = policy.mode();
    this.connectionId = c.id;
    this.reason = reason;
    this.requests = c.requests;
    this.openedAt = c.openedAt;
    this.parkedAt = parkedAt;
    this.endedAt = endedAt;
  }
}
