package org.keepaliveagent.policy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Closes parked connections whose time is over, so that the upstream sees our FIN before it sends
 * its own, and forgets records that are done.
 *
 * <p>The lease refuses from a limit on; the sweep closes {@link #GRACE_NANOS} later. Closing at the
 * limit itself, behind a pool's back, would make the very race that the agent removes. One thread;
 * holds no lock; closes a connection only after winning its state word.
 */
public final class Sweep {
  /** How long after a limit the sweep waits before it closes. */
  static final long GRACE_NANOS = 200_000_000L;

  /** The longest and shortest pause between two sweeps while connections exist. */
  public static final long LONGEST_NANOS = 1_000_000_000L;

  static final long SHORTEST_NANOS = 50_000_000L;

  /** How long a failed attempt waits unreported for somebody to ask whether it may be retried. */
  static final long UNASKED_NANOS = 1_000_000_000L;

  /**
   * How long it is known after that. A process may stand still for long between a failure and the
   * question; of an exchange that is unknown then the library alone decides, and may send a POST
   * again.
   */
  static final long UNANSWERED_NANOS = 30_000_000_000L;

  /**
   * How long a closed connection is remembered, by whomever it was closed. A thread may have taken
   * it from the pool just before, or have found it closed itself, and ask only now: of one that is
   * unknown the answer is yes.
   */
  static final long REMEMBERED_NANOS = 5_000_000_000L;

  private final Engine engine;

  public Sweep(Engine engine) {
    this.engine = engine;
  }

  /**
   * Looks at every record once.
   *
   * @return nanoseconds until the next look is worthwhile; {@link Long#MAX_VALUE} when there is
   *     nothing to look at until a connection is opened
   */
  public long run(long now) {
    engine.retries().sweep(now);
    long next = Long.MAX_VALUE;
    Iterator<Connection> all = engine.live().iterator();
    while (all.hasNext()) {
      Connection c = all.next();
      if (isDone(c, now)) {
        engine.account(c, now);
        all.remove();
        engine.table().remove(c);
        if (!Connection.isClosed(c.word())) {
          c.upstream.connectionRemoved();
        }
      } else {
        if (isOver(c, now)) {
          engine.account(c, now);
        }
        abandon(c, now);
        next = Math.min(next, Math.min(LONGEST_NANOS, visit(c, now)));
      }
    }
    trim(now);
    return next == Long.MAX_VALUE ? next : Math.max(next, SHORTEST_NANOS);
  }

  /** Whether it is closed, and nobody will say any more how its exchange ended. */
  private static boolean isOver(Connection c, long now) {
    long word = c.word();
    return Connection.isClosed(word)
        && (c.exchange() == null || Connection.since(word, now) >= UNASKED_NANOS);
  }

  private boolean isDone(Connection c, long now) {
    long word = c.word();
    boolean collected = c.get() == null;
    if (collected && Connection.state(word) == Connection.PARKED) {
      if (c.move(word, Connection.CLOSED, now)) {
        c.upstream.idleRemoved();
        c.upstream.connectionRemoved();
      }
      return true;
    }
    if (!collected && !Connection.isClosed(word)) {
      return false;
    }
    long waited = Connection.since(word, now);
    if (c.exchange() == null) {
      return collected || waited >= REMEMBERED_NANOS;
    }
    if (waited < UNASKED_NANOS) {
      return false;
    }
    if (c.reportedAs == 0) {
      c.reportedAs = engine.report(c, now, null, false);
    }
    return waited >= UNANSWERED_NANOS && c.end();
  }

  /**
   * Ends what a library has left behind: an attempt that died, on a connection that nobody closed.
   * It can carry nothing more; the JDK's client for one leaves it open for ever when what came was
   * no HTTP.
   */
  private void abandon(Connection c, long now) {
    long word = c.word();
    if (Connection.state(word) != Connection.BUSY
        || c.failure == null
        || now - c.failedAt < UNASKED_NANOS) {
      return;
    }
    if (c.exchange() != null && c.reportedAs == 0) {
      c.reportedAs = engine.report(c, now, null, false);
    }
    if (c.upstream.policy().mode() == Mode.ENFORCE
        && c.library.armed()
        && c.move(word, Connection.EVICTED, now)) {
      close(c);
    }
  }

  /**
   * Evicts the connection if its time is over, or observes that; returns how long until it may be.
   */
  private long visit(Connection c, long now) {
    Policy p = c.upstream.policy();
    if (p.mode() == Mode.OFF || !c.library.armed()) {
      return LONGEST_NANOS;
    }
    long word = c.word();
    long limit = Rules.idleLimit(c, p, now, true);
    if (Connection.state(word) != Connection.PARKED) {
      return limit / 4;
    }
    long parkedAt = now - Connection.since(word, now);
    Reason reason = Rules.lease(c, p, parkedAt + GRACE_NANOS, now, true);
    Reason stale = c.upstream.staleness(parkedAt);
    if (stale != null) {
      reason = stale;
    }
    if (reason.allows()) {
      return limit == Policy.UNLIMITED ? limit : parkedAt + limit + GRACE_NANOS - now;
    }
    evict(c, word, reason, now);
    return LONGEST_NANOS;
  }

  /** Trims every upstream that has more idle connections than it may; looks at each record once. */
  private void trim(long now) {
    Map<Upstream, List<Parked>> over = new HashMap<>();
    for (Upstream u : engine.upstreams()) {
      Policy p = u.policy();
      if (p.mode() != Mode.OFF && u.idle() > p.maxIdle()) {
        over.put(u, new ArrayList<>());
      }
    }
    if (over.isEmpty()) {
      return;
    }
    for (Connection c : engine.live()) {
      List<Parked> parked = over.get(c.upstream);
      long word = c.word();
      if (parked != null && Connection.state(word) == Connection.PARKED) {
        parked.add(new Parked(c, word, Connection.since(word, now)));
      }
    }
    over.forEach((upstream, parked) -> trim(upstream, parked, now));
  }

  /**
   * Closes the least recently used of an upstream's parked connections, down to its limit, over all
   * pools or in each.
   */
  private void trim(Upstream u, List<Parked> parked, long now) {
    Policy p = u.policy();
    boolean each = p.scope() == Policy.Scope.POOL;
    Map<Integer, Integer> counts = new HashMap<>();
    for (Parked one : parked) {
      counts.merge(each ? one.connection.pool : 0, 1, Integer::sum);
    }
    parked.sort((a, b) -> Long.compare(b.idleNanos, a.idleNanos));
    for (Parked oldest : parked) {
      int left = counts.merge(each ? oldest.connection.pool : 0, -1, Integer::sum);
      if (left >= p.maxIdle() && evict(oldest.connection, oldest.word, Reason.MAX_IDLE, now)) {
        u.trimmed(now);
      }
    }
  }

  /** A connection as it was parked when it was looked at. */
  private static final class Parked {
    final Connection connection;
    final long word;
    final long idleNanos;

    Parked(Connection connection, long word, long idleNanos) {
      this.connection = connection;
      this.word = word;
      this.idleNanos = idleNanos;
    }
  }

  /** Evicts, or under a policy that observes counts once what would have been done. */
  private boolean evict(Connection c, long word, Reason reason, long now) {
    if (c.upstream.policy().mode() != Mode.ENFORCE) {
      if (c.observedWord != word) {
        c.observedWord = word;
        c.tally.count(reason);
      }
      return false;
    }
    if (!c.move(word, Connection.EVICTED, now)) {
      return false;
    }
    c.upstream.idleRemoved();
    c.evictedFor = reason;
    c.tally.count(reason);
    engine.evicted(c, reason, now - Connection.since(word, now), now);
    close(c);
    return true;
  }

  private static void close(Connection c) {
    Object connection = c.get();
    if (connection == null) {
      return;
    }
    try {
      c.library.closer().close(connection);
    } catch (Throwable t) {
      c.library.faulted(t);
    }
  }
}
