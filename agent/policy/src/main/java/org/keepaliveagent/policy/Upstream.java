package org.keepaliveagent.policy;

import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * One scheme://host:port that this process talks to: its policy, what was learned of it, and what
 * was counted. Lives as long as the process; reloading replaces only the policy. Any thread.
 */
public final class Upstream {
  /** A connection opened within this time of another's eviction was opened in its place. */
  private static final long RIGHT_AFTER_NANOS = 1_000_000_000L;

  /** For this long a TLS session can be resumed, with the usual settings of servers. */
  private static final long SESSION_NANOS = 300_000_000_000L;

  private final String scheme;
  private final String host;
  private final int port;
  private final LearnedTimeout learned = new LearnedTimeout();
  private final PeerHealth health = new PeerHealth();
  private final AtomicInteger idle = new AtomicInteger();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger mostConnections = new AtomicInteger();
  private final Map<Count, LongAdder> counts = new EnumMap<>(Count.class);
  private final ConcurrentMap<String, Tally> tallies = new ConcurrentHashMap<>();
  private final MethodCounts unrepaired = new MethodCounts();
  private final MethodCounts unsafeRetries = new MethodCounts();
  private volatile Policy policy;

  /** Connections parked at or before this moment must not be used. */
  private volatile long staleSince = Long.MIN_VALUE;

  private volatile boolean anyStale;

  /** What the upstream last said of its own idle time-out; 0 while it has said nothing. */
  private volatile long advertisedNanos;

  /** When a TLS handshake ended last. */
  private volatile long handshakeAt;

  private volatile boolean everHandshaken;
  private volatile long trimmedAt;
  private volatile boolean everTrimmed;
  private final AtomicInteger failuresInARow = new AtomicInteger();

  public Upstream(String scheme, String host, int port, Policy policy) {
    this.scheme = scheme;
    this.host = host;
    this.port = port;
    this.policy = policy;
    for (Count count : Count.values()) {
      counts.put(count, new LongAdder());
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

  /** Whether it may be chosen among its peers. */
  public PeerHealth health() {
    return health;
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

  /** Connections that exist. */
  public int connections() {
    return connections.get();
  }

  /** The most connections that existed at one time. */
  public int mostConnections() {
    return mostConnections.get();
  }

  void connectionAdded(long now) {
    int existing = connections.incrementAndGet();
    int most = mostConnections.get();
    while (existing > most && !mostConnections.compareAndSet(most, existing)) {
      most = mostConnections.get();
    }
    count(policy.mode() == Mode.ENFORCE ? Count.OPENED : Count.OPENED_UNENFORCED);
    if (everTrimmed && now - trimmedAt < RIGHT_AFTER_NANOS) {
      count(Count.OPENED_AFTER_TRIM);
    }
  }

  void connectionRemoved() {
    connections.decrementAndGet();
  }

  /** A connection was closed because as many others were idle as {@code keepalive} allows. */
  void trimmed(long now) {
    trimmedAt = now;
    everTrimmed = true;
  }

  /** How often this happened. */
  public long counted(Count what) {
    return adder(what).sum();
  }

  void count(Count what) {
    adder(what).increment();
  }

  void add(Count what, long number) {
    adder(what).add(number);
  }

  /** How often a rule gave this reason, and it was done. */
  public long decisions(Reason reason) {
    long sum = 0;
    for (Tally tally : tallies.values()) {
      sum += tally.decisions(reason);
    }
    return sum;
  }

  /** How often a rule gave this reason while the policy only observed: it was not done. */
  public long wouldHave(Reason reason) {
    long sum = 0;
    for (Tally tally : tallies.values()) {
      sum += tally.wouldHave(reason);
    }
    return sum;
  }

  private LongAdder adder(Count what) {
    return Objects.requireNonNull(counts.get(what));
  }

  /** Of the connections of this library; of the empty name for what has no connection. */
  Tally tally(String library) {
    Tally known = tallies.get(library);
    return known != null ? known : tallies.computeIfAbsent(library, name -> new Tally(this, name));
  }

  Collection<Tally> tallies() {
    return tallies.values();
  }

  /** Requests that died on a reused connection and were not repeated, by method. */
  MethodCounts unrepaired() {
    return unrepaired;
  }

  /** Repetitions of requests that may have effects twice, by method. */
  MethodCounts unsafeRetries() {
    return unsafeRetries;
  }

  /** Attempts that failed since the last one that was answered. */
  int failuresInARow() {
    return failuresInARow.get();
  }

  void attemptFailed() {
    failuresInARow.incrementAndGet();
  }

  void attemptAnswered() {
    if (failuresInARow.get() != 0) {
      failuresInARow.set(0);
    }
  }

  /** A TLS handshake is over. */
  void handshaken(boolean resumed, boolean unnamed, long now) {
    if (resumed) {
      count(Count.TLS_RESUMED);
    } else if (everHandshaken && now - handshakeAt < SESSION_NANOS) {
      count(Count.TLS_REPEATED);
    }
    if (unnamed) {
      count(Count.TLS_UNNAMED);
    }
    handshakeAt = now;
    everHandshaken = true;
  }

  void advertised(long nanos) {
    if (nanos != advertisedNanos) {
      advertisedNanos = nanos;
    }
  }

  /** The idle time-out that the upstream last advertised, in nanoseconds; 0 for none. */
  public long advertisedNanos() {
    return advertisedNanos;
  }

  LearnedTimeout learned() {
    return learned;
  }

  /** The learned idle time-out in nanoseconds at this moment; 0 while none is known. */
  public long learnedNanos(long now) {
    return learned.nanos(now);
  }

  /**
   * For how long a connection may be idle at this moment; {@link Policy#UNLIMITED} for no limit.
   */
  public long idleLimitNanos(long now) {
    return Rules.idleLimit(this, advertisedNanos, policy, now, true);
  }

  /** Connections parked at that moment or before must not be used: one of them proved dead. */
  void stale(long parkedAt) {
    if (!anyStale || parkedAt - staleSince > 0) {
      staleSince = parkedAt;
      anyStale = true;
    }
  }

  /** Why a connection parked at that moment must not be used; {@code null} where it may. */
  @Nullable Reason staleness(long parkedAt) {
    if (!anyStale || parkedAt - staleSince > 0) {
      return null;
    }
    return health.isUnhealthy() ? Reason.UNHEALTHY : Reason.SIBLING_STALE;
  }

  /** As a URL. */
  @Override
  public String toString() {
    String literal = host.indexOf(':') < 0 ? host : "[" + host + "]";
    return scheme + "://" + literal + ":" + port;
  }
}
