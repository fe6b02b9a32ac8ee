package org.keepaliveagent.policy;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * One scheme://host:port that this process talks to: its policy, what was learned of it, and what
 * was counted. Lives as long as the process; reloading replaces only the policy. Any thread.
 */
public final class Upstream {
  private final String scheme;
  private final String host;
  private final int port;
  private final LearnedTimeout learned = new LearnedTimeout();
  private final AtomicInteger idle = new AtomicInteger();
  private final LongAdder opened = new LongAdder();
  private final Map<Reason, LongAdder> decisions = new EnumMap<>(Reason.class);
  private volatile Policy policy;

  /** Connections parked at or before this moment are siblings of one that proved stale. */
  private volatile long staleSince = Long.MIN_VALUE;

  private volatile boolean anyStale;

  public Upstream(String scheme, String host, int port, Policy policy) {
    this.scheme = scheme;
    this.host = host;
    this.port = port;
    this.policy = policy;
    for (Reason reason : Reason.values()) {
      decisions.put(reason, new LongAdder());
    }
  }

  public String scheme() {
    return scheme;
  }

  public String host() {
    return host;
  }

  public int port() {
    return port;
  }

  public Policy policy() {
    return policy;
  }

  void policy(Policy next) {
    policy = next;
  }

  /** Connections waiting idle, of all pools of this process. */
  public int idle() {
    return idle.get();
  }

  int idleAdded() {
    return idle.incrementAndGet();
  }

  void idleRemoved() {
    idle.decrementAndGet();
  }

  /** Connections opened so far. */
  public long opened() {
    return opened.sum();
  }

  void countOpened() {
    opened.increment();
  }

  /** How often a rule gave this reason. */
  public long decisions(Reason reason) {
    return adder(reason).sum();
  }

  void count(Reason reason) {
    adder(reason).increment();
  }

  private LongAdder adder(Reason reason) {
    return Objects.requireNonNull(decisions.get(reason));
  }

  LearnedTimeout learned() {
    return learned;
  }

  /** The learned idle time-out in nanoseconds at this moment; 0 while none is known. */
  public long learnedNanos(long now) {
    return learned.nanos(now);
  }

  /** A connection parked at that moment proved stale: so are those parked no later. */
  void stale(long parkedAt) {
    if (!anyStale || parkedAt - staleSince > 0) {
      staleSince = parkedAt;
      anyStale = true;
    }
  }

  boolean isStale(long parkedAt) {
    return anyStale && parkedAt - staleSince <= 0;
  }
}
