package org.keepaliveagent.policy;

/** {@code socket_keepalive}: the kernel's probes of an idle connection. Immutable. */
public final class SocketKeepalive {
  /** As the application has it. */
  public static final SocketKeepalive UNSTATED = new SocketKeepalive(false, 0, 0, 0);

  /** Without probes. */
  public static final SocketKeepalive OFF = new SocketKeepalive(false, 0, 0, 0);

  private final boolean on;
  private final long idleNanos;
  private final long intervalNanos;
  private final long count;

  private SocketKeepalive(boolean on, long idleNanos, long intervalNanos, long count) {
    this.on = on;
    this.idleNanos = idleNanos;
    this.intervalNanos = intervalNanos;
    this.count = count;
  }

  /** With probes; 0 leaves a value to the operating system. */
  public static SocketKeepalive on(long idleNanos, long intervalNanos, long count) {
    return new SocketKeepalive(true, idleNanos, intervalNanos, count);
  }

  public boolean isOn() {
    return on;
  }

  /** How long a connection is idle before its first probe. */
  public long idleNanos() {
    return idleNanos;
  }

  /** The time between two probes. */
  public long intervalNanos() {
    return intervalNanos;
  }

  /** Unanswered probes after which the connection is dead. */
  public long count() {
    return count;
  }
}
