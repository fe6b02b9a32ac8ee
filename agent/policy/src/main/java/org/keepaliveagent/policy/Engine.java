package org.keepaliveagent.policy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.hooks.KeepaliveEngine;

/**
 * Answers the hooks: finds the record, asks the rule, moves the state word, counts, and reports an
 * attempt when it is over.
 *
 * <p>Every method but {@link #policies} runs on the application's threads under whatever locks they
 * hold. Looking up, leasing, sending and parking neither allocate nor lock; opening a connection
 * and failing may allocate.
 */
public final class Engine implements KeepaliveEngine {
  private static final String WITHOUT_CONNECTION = "";

  private final LongSupplier clock;
  private final Events events;
  private final ConcurrentMap<String, Library> libraries;
  private final Runnable wakeSweep;
  private final ConnectionTable table;
  private final ConcurrentLinkedQueue<Connection> live = new ConcurrentLinkedQueue<>();
  private final ConcurrentMap<String, Upstream> upstreams = new ConcurrentHashMap<>();
  private final Retries retries = new Retries();
  private final AtomicLong connectionIds = new AtomicLong();
  private final AtomicLong attemptIds = new AtomicLong();
  private final AtomicLong strayFaults = new AtomicLong();
  private final Journal journal;

  /** Held while what closed connections carried is added up, so that no reader sees it twice. */
  private final Object accounting = new Object();

  private volatile PolicyTable policies;

  /**
   * @param clock {@link System#nanoTime} or a test's own
   * @param libraries the known libraries by name
   * @param wakeSweep asks for a sweep soon; must return at once
   */
  public Engine(
      PolicyTable policies,
      LongSupplier clock,
      Events events,
      ConcurrentMap<String, Library> libraries,
      Runnable wakeSweep) {
    this(policies, clock, events, libraries, wakeSweep, ConnectionTable.BUCKETS);
  }

  /** For tests that make an engine for every sample. */
  Engine(
      PolicyTable policies,
      LongSupplier clock,
      Events events,
      ConcurrentMap<String, Library> libraries,
      Runnable wakeSweep,
      int buckets) {
    this.table = new ConnectionTable(buckets);
    this.policies = policies;
    this.clock = clock;
    this.events = events;
    this.libraries = libraries;
    this.wakeSweep = wakeSweep;
    this.journal = new Journal(clock);
  }

  /** Puts other policies in force, for connections that exist too. */
  public void policies(PolicyTable next) {
    policies = next;
    for (Upstream u : upstreams.values()) {
      u.policy(next.of(u.scheme(), u.host(), u.port()));
    }
    wakeSweep.run();
  }

  /** Whether any policy in force states {@code health_check}. */
  public boolean probes() {
    return policies.probes();
  }

  /** Every upstream seen so far. */
  public Collection<Upstream> upstreams() {
    return Collections.unmodifiableCollection(upstreams.values());
  }

  /** What is wrong with how connections are kept, at this moment. Not for the hot path. */
  public List<Finding> findings(long now) {
    Map<Upstream, Traffic> traffic = new HashMap<>();
    synchronized (accounting) {
      for (Upstream u : upstreams.values()) {
        traffic.put(u, new Traffic(u));
      }
      for (Connection c : live) {
        Traffic of = c.accounted ? null : traffic.get(c.upstream);
        if (of != null) {
          of.add(c);
        }
      }
    }
    List<Finding> found = new ArrayList<>();
    for (Map.Entry<Upstream, Traffic> entry : traffic.entrySet()) {
      found.addAll(Findings.of(entry.getKey(), entry.getValue(), now));
    }
    found.sort(
        Comparator.comparing((Finding f) -> f.upstream().toString())
            .thenComparing(f -> f.kind().id()));
    return found;
  }

  /** What every library has done with every upstream, at this moment. Not for the hot path. */
  public List<Usage> usage() {
    Map<Tally, Usage> usage = new LinkedHashMap<>();
    synchronized (accounting) {
      for (Upstream u : upstreams.values()) {
        for (Tally tally : u.tallies()) {
          usage.put(tally, tally.usage());
        }
      }
      for (Connection c : live) {
        Usage of = c.accounted ? null : usage.get(c.tally);
        if (of != null) {
          of.add(c);
        }
      }
    }
    return new ArrayList<>(usage.values());
  }

  /** Adds what a closed connection has carried to what is counted of its upstream; once. */
  void account(Connection c, long now) {
    synchronized (accounting) {
      if (!c.accounted) {
        c.accounted = true;
        boolean enforced = c.upstream.policy().mode() == Mode.ENFORCE;
        c.upstream.add(enforced ? Count.REQUESTS : Count.REQUESTS_UNENFORCED, c.requests);
        c.upstream.add(Count.REUSES, Traffic.reuses(c));
        c.tally.closed(c, now);
      }
    }
  }

  /** The last notable things that happened. */
  public Journal journal() {
    return journal;
  }

  /** Faults of ours that could not be charged to a library. */
  public long strayFaults() {
    return strayFaults.get();
  }

  ConcurrentLinkedQueue<Connection> live() {
    return live;
  }

  ConnectionTable table() {
    return table;
  }

  Retries retries() {
    return retries;
  }

  @Override
  public void opened(Object connection, String library, String scheme, String host, int port) {
    if (table.get(connection) != null) {
      return;
    }
    Library by = libraries.get(library);
    if (by == null || !by.armed()) {
      return;
    }
    Upstream upstream = upstream(scheme, host, port);
    Connection c =
        new Connection(
            connection,
            ConnectionTable.hash(connection),
            connectionIds.incrementAndGet(),
            upstream,
            by,
            clock.getAsLong());
    Opening.opened(c);
    table.add(c);
    boolean first = live.isEmpty();
    live.add(c);
    upstream.connectionAdded(c.openedAt);
    c.tally.connectionCreated();
    if (first) {
      wakeSweep.run();
    }
  }

  private Upstream upstream(String scheme, String host, int port) {
    String key = key(scheme, host, port);
    Upstream known = upstreams.get(key);
    if (known != null) {
      return known;
    }
    Upstream created = new Upstream(scheme, host, port, policies.of(scheme, host, port));
    Upstream raced = upstreams.putIfAbsent(key, created);
    if (raced != null) {
      return raced;
    }
    // A reload between the look-up and the publication would have missed it.
    created.policy(policies.of(scheme, host, port));
    return created;
  }

  private static String key(String scheme, String host, int port) {
    return scheme + "://" + host + ":" + port;
  }

  @Override
  public boolean mayReuse(Object exchange) {
    return !retries.needsFresh(exchange);
  }

  @Override
  public boolean mayLease(Object connection, @Nullable String method) {
    Connection c = table.get(connection);
    if (c == null || !c.library.armed()) {
      return true;
    }
    Policy p = c.upstream.policy();
    long word = c.word();
    if (Connection.state(word) != Connection.PARKED) {
      return mayBeLeased(c, p);
    }
    long now = clock.getAsLong();
    long idle = Connection.since(word, now);
    Reason reason =
        p.mode() == Mode.OFF
            ? Reason.REUSED
            : Rules.lease(c, p, now - idle, now, Rules.repeatable(p, method, false));
    boolean yes = reason.allows() || absent(p);
    if (!c.move(word, yes ? Connection.BUSY : Connection.EVICTED, now)) {
      c.tally.count(Reason.EVICTED);
      return mayBeLeased(c, p);
    }
    c.upstream.idleRemoved();
    c.tally.count(reason);
    if (yes) {
      c.reused = true;
      c.idleNanos = idle;
      c.parkedAt = now - idle;
      c.leasedAt = now;
      c.idleTimes.add(idle);
    } else {
      c.evictedFor = reason;
      Skipped.one();
      evicted(c, reason, now - idle, now);
    }
    return yes;
  }

  /**
   * Of a connection that is not parked. One that was evicted is being closed by us, under whatever
   * policy that was: after a reload to a milder one it must not be leased either.
   */
  private static boolean mayBeLeased(Connection c, Policy p) {
    long word = c.word();
    return Connection.state(word) <= Connection.BUSY || (!Connection.wasEvicted(word) && absent(p));
  }

  @Override
  public void sending(
      Object connection,
      Object exchange,
      String method,
      @Nullable String traceparent,
      boolean idempotencyKey) {
    Connection c = table.get(connection);
    if (c == null || !c.library.armed()) {
      return;
    }
    long now = clock.getAsLong();
    begin(c, now);
    c.retry = retries.take(exchange);
    c.requests++;
    c.method = method;
    c.idempotencyKey = idempotencyKey;
    c.traceparent = traceparent;
    c.wanted = events.wants(traceparent);
    c.skipped = Skipped.take();
    c.sentAt = now;
    c.respondedAt = 0;
    c.status = 0;
    c.failure = null;
    c.closedByPeer = false;
    c.begin(exchange);
  }

  /** Makes a connection busy that no lease has made so: a new one, or one handed out unasked. */
  private static void begin(Connection c, long now) {
    long word = c.word();
    int state = Connection.state(word);
    if (state == Connection.BUSY || state > Connection.PARKED) {
      return;
    }
    if (c.move(word, Connection.BUSY, now) && state == Connection.PARKED) {
      c.upstream.idleRemoved();
      c.reused = true;
      c.idleNanos = Connection.since(word, now);
      c.parkedAt = now - c.idleNanos;
      c.leasedAt = now;
      c.idleTimes.add(c.idleNanos);
    }
  }

  @Override
  public void responseBegun(Object connection) {
    Connection c = table.get(connection);
    if (c != null && c.respondedAt == 0) {
      c.respondedAt = clock.getAsLong();
    }
  }

  @Override
  public void responding(
      Object connection,
      int status,
      boolean http10,
      @Nullable String connectionHeader,
      @Nullable String keepAliveHeader) {
    Connection c = table.get(connection);
    if (c == null) {
      return;
    }
    c.respondedAt = clock.getAsLong();
    c.status = status;
    c.peerAsked = http10 || ConnectionHeader.has(connectionHeader, "close");
    c.advertisedNanos = KeepAliveHeader.timeoutNanos(keepAliveHeader);
    if (c.advertisedNanos > 0) {
      c.upstream.advertised(c.advertisedNanos);
    }
    if (c.peerAsked) {
      c.upstream.count(http10 ? Count.HTTP_1_0 : Count.ASKED_TO_CLOSE);
    }
    c.upstream.attemptAnswered();
    if (c.upstream.health().fails() != 0 && !isListed(status, c.upstream.policy())) {
      c.upstream.health().answered();
    }
    long max = KeepAliveHeader.max(keepAliveHeader);
    c.maxCountsDown = max >= 0 && (max == c.advertisedMax - 1);
    c.advertisedMax = max;
  }

  private static boolean isListed(int status, Policy p) {
    FailureKind kind = FailureKind.of(status);
    return kind != null && p.nextUpstream().contains(kind);
  }

  @Override
  public boolean mayPark(Object connection, @Nullable Object pool) {
    Connection c = table.get(connection);
    if (c == null || !c.library.armed()) {
      return true;
    }
    Policy p = c.upstream.policy();
    long now = clock.getAsLong();
    long word = c.word();
    boolean gone = Connection.state(word) > Connection.BUSY;
    Reason reason = gone || p.mode() == Mode.OFF ? Reason.PARKED : Rules.park(c, p, now);
    boolean yes = reason.allows() || absent(p);
    if (c.end()) {
      report(c, now, null, false, yes ? null : reason);
    }
    if (gone) {
      return absent(p);
    }
    c.tally.count(reason);
    c.pool = pool == null ? 0 : System.identityHashCode(pool);
    if (!c.move(word, yes ? Connection.PARKED : Connection.EVICTED, now)) {
      return absent(p);
    }
    if (!yes) {
      c.evictedFor = reason;
    }
    if (yes && c.upstream.idleAdded() > p.maxIdle() && p.scope() == Policy.Scope.PROCESS) {
      wakeSweep.run();
    }
    return yes;
  }

  @Override
  public boolean mayRead(Object connection) {
    return enforced(connection) != null;
  }

  @Override
  public boolean maySendAll(Object connection) {
    Connection c = table.get(connection);
    if (c == null || !c.library.armed()) {
      return true;
    }
    Policy p = c.upstream.policy();
    return p.mode() == Mode.OFF || p.headers().isEmpty();
  }

  @Override
  public boolean maySend(
      Object connection, String name, @Nullable String value, @Nullable String nominated) {
    Connection c = table.get(connection);
    if (c == null || !c.library.armed()) {
      return true;
    }
    Policy p = c.upstream.policy();
    if (p.mode() == Mode.OFF) {
      return true;
    }
    Reason reason = Rules.header(p, name, value, nominated);
    c.tally.count(reason);
    return reason.allows() || absent(p);
  }

  @Override
  public String @Nullable [] headersToSet(Object connection) {
    Policy p = enforced(connection);
    return p == null ? null : p.headersToSet();
  }

  @Override
  public boolean mustSendHttp11(Object connection) {
    Policy p = enforced(connection);
    return p != null && p.http11();
  }

  @Override
  public int readTimeoutMillis(Object connection, int otherwise) {
    Policy p = enforced(connection);
    return p == null ? otherwise : millis(p.readNanos(), otherwise);
  }

  @Override
  public int sendTimeoutMillis(Object connection, int otherwise) {
    Policy p = enforced(connection);
    return p == null ? otherwise : millis(p.sendNanos(), otherwise);
  }

  @Override
  public int connectTimeoutMillis(String scheme, String host, int port, int otherwise) {
    Opening.begins(host, port, clock.getAsLong());
    Policy p = policy(scheme, host, port);
    return absent(p) ? otherwise : millis(p.connectNanos(), otherwise);
  }

  @Override
  public int maxConnections(String scheme, String host, int port, int otherwise) {
    if (!policies.limitsConnections()) {
      return otherwise;
    }
    Policy p = policy(scheme, host, port);
    return absent(p) ? otherwise : (int) Math.min(p.maxConns(), otherwise);
  }

  @Override
  public void connected(Object socket, @Nullable String scheme, String host, int port) {
    Opening.connected(socket, host, port);
    boolean tls = scheme == null && upstreams.containsKey(key("https", host, port));
    Policy p = policy(scheme != null ? scheme : tls ? "https" : "http", host, port);
    if (!absent(p)) {
      SocketOptions.set(socket, p.socketKeepalive());
    }
  }

  /** The policy of a connection that must be obeyed; {@code null} for none. */
  private @Nullable Policy enforced(Object connection) {
    Connection c = table.get(connection);
    Policy p = c == null || !c.library.armed() ? null : c.upstream.policy();
    return p == null || absent(p) ? null : p;
  }

  private Policy policy(String scheme, String host, int port) {
    Upstream known = upstreams.get(key(scheme, host, port));
    return known == null ? policies.of(scheme, host, port) : known.policy();
  }

  private static int millis(long nanos, int otherwise) {
    if (nanos == Policy.UNLIMITED) {
      return otherwise;
    }
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, nanos / 1_000_000));
  }

  @Override
  public boolean mayChoose(String scheme, String host, int port, boolean otherwise) {
    if (!policies.watchesPeers()) {
      return otherwise;
    }
    Upstream u = upstream(scheme, host, port);
    Policy p = u.policy();
    if (p.mode() == Mode.OFF) {
      return otherwise;
    }
    boolean counted = p.maxFails() != Policy.UNLIMITED;
    Reason reason = u.health().choose(p, counted ? clock.getAsLong() : 0);
    u.tally(WITHOUT_CONNECTION).count(reason);
    return absent(p) ? otherwise : reason.allows() && (counted || otherwise);
  }

  @Override
  public void unreachable(String scheme, String host, int port) {
    Upstream u = upstream(scheme, host, port);
    u.attemptFailed();
    u.health().failed(clock.getAsLong());
  }

  /**
   * A probe of {@code health_check} has ended. Called by the thread that probes.
   *
   * @return whether the peer is unhealthy now, or healthy again
   */
  public boolean probed(Upstream u, boolean passed) {
    boolean changed = u.health().probed(u.policy().healthCheck(), passed);
    if (u.health().isUnhealthy()) {
      u.stale(clock.getAsLong());
      wakeSweep.run();
    }
    return changed;
  }

  @Override
  public void failed(Object exchange, Throwable cause) {
    Connection c = find(exchange);
    if (c == null || c.failure != null) {
      return;
    }
    c.failedAt = clock.getAsLong();
    c.failure = cause;
    if (c.status == 0) {
      c.upstream.attemptFailed();
      if (!isStale(c)) {
        c.upstream.health().failed(c.failedAt);
      }
    }
    if (isStale(c)) {
      c.upstream.stale(c.parkedAt);
      c.upstream.learned().closedAfter(c.idleNanos, c.failedAt);
      wakeSweep.run();
    }
  }

  private static FailureKind kind(Connection c) {
    boolean withinHead = c.respondedAt != 0 && c.status == 0;
    return withinHead && FailureTypes.isUnreadable(c.failure)
        ? FailureKind.INVALID_HEADER
        : FailureTypes.kind(c.failure);
  }

  /** Reused, dead before a response began, and not for want of an answer in time. */
  private static boolean isStale(Connection c) {
    return c.reused && c.respondedAt == 0 && FailureTypes.kind(c.failure) == FailureKind.ERROR;
  }

  @Override
  public boolean mayRetry(Object exchange, boolean replayable, boolean otherwise) {
    Connection c = find(exchange);
    if (c == null || !c.library.armed()) {
      return otherwise;
    }
    long now = clock.getAsLong();
    if (c.failedAt == 0 || c.failure == null) {
      c.failedAt = now;
    }
    Policy p = c.upstream.policy();
    FailureKind kind = kind(c);
    // Of an unreadable head the policy says itself that it does not stand in the way.
    boolean responded = c.respondedAt != 0 && kind != FailureKind.INVALID_HEADER;
    Reason reason = judge(c, p, kind, responded, replayable, now);
    c.tally.count(reason);
    boolean yes = (absent(p) || reason == Reason.LIBRARY) ? otherwise : reason.allows();
    c.tally.retried(reason, yes);
    if (!c.end()) {
      return yes;
    }
    long attempt = c.reportedAs;
    if (attempt == 0) {
      attempt = report(c, c.failedAt, reason, yes);
    }
    if (yes) {
      repeats(c, exchange, attempt, reason, now);
    }
    return yes;
  }

  private Reason judge(
      Connection c, Policy p, FailureKind kind, boolean responded, boolean replayable, long now) {
    if (p.mode() == Mode.OFF) {
      return Reason.LIBRARY;
    }
    Reason reason =
        Rules.retry(
            p,
            kind,
            true,
            responded,
            isStale(c),
            replayable,
            Rules.repeatable(p, c.method, c.idempotencyKey),
            tries(c),
            now - firstSentAt(c));
    return reason.allows() && !withinBudget(c.upstream, p) ? Reason.BUDGET : reason;
  }

  private static long firstSentAt(Connection c) {
    Retry before = c.retry;
    return before == null ? c.sentAt : before.firstSentAt;
  }

  private static int tries(Connection c) {
    Retry before = c.retry;
    return (before == null ? 0 : before.tries) + (isStale(c) ? 0 : 1);
  }

  private void repeats(Connection c, Object exchange, long attempt, Reason reason, long now) {
    Retry before = c.retry;
    retries.put(
        exchange,
        new Retry(
            c.upstream,
            attempt,
            firstSentAt(c),
            now,
            reason,
            before == null ? 1 : before.resendCount + 1,
            tries(c),
            c.upstream.policy().mode() == Mode.ENFORCE));
  }

  @Override
  public boolean mayRetryAnswered(Object connection, Object exchange, boolean replayable) {
    Connection c = table.get(connection);
    if (c == null || !c.library.armed() || c.failure != null) {
      return false;
    }
    Policy p = c.upstream.policy();
    FailureKind kind = FailureKind.of(c.status);
    if (kind == null || !p.nextUpstream().contains(kind) || p.mode() == Mode.OFF) {
      return false;
    }
    long now = clock.getAsLong();
    Reason reason = judge(c, p, kind, false, replayable, now);
    boolean yes = reason.allows() && !absent(p);
    c.tally.count(reason);
    c.tally.retried(reason, yes);
    if (!yes || !c.end()) {
      return false;
    }
    c.upstream.health().failed(now);
    repeats(c, exchange, report(c, now, reason, true), reason, now);
    return true;
  }

  @Override
  public boolean mayReturn(Object exchange, boolean others) {
    Retry decided = retries.decided(exchange);
    return decided != null
        && decided.onFresh
        && decided.reason != Reason.LIBRARY
        && (decided.reason == Reason.STALE || !others);
  }

  private boolean withinBudget(Upstream u, Policy p) {
    if (p.retryPercent() == Policy.UNLIMITED_PERCENT) {
      return true;
    }
    int retrying = retries.waiting(u);
    int active = retrying;
    for (Connection c : live) {
      // What the sweep has reported is over, though somebody may still ask about it.
      if (c.upstream == u && c.exchange() != null && c.reportedAs == 0) {
        active++;
        retrying += c.retry == null ? 0 : 1;
      }
    }
    return Rules.withinBudget(p, retrying, active);
  }

  @Override
  public boolean mayResume(String host, int port) {
    Policy p = policy("https", host, port);
    return absent(p) || p.sslSessionReuse() != Policy.Answer.OFF;
  }

  @Override
  public void secured(String host, int port, SSLSession session) {
    Upstream u = upstreams.get(key("https", host, port));
    boolean resumed = TlsSessions.wasSeen(session);
    Opening.secured(host, port, resumed);
    if (u != null) {
      u.handshaken(resumed, TlsSessions.isUnnamed(session, host), clock.getAsLong());
    }
  }

  @Override
  public boolean mayRepeat(
      String scheme,
      String host,
      int port,
      String method,
      boolean idempotencyKey,
      int status,
      int attempts,
      boolean otherwise) {
    Upstream upstream = upstream(scheme, host, port);
    Policy p = upstream.policy();
    if (p.mode() == Mode.OFF) {
      return otherwise;
    }
    Reason reason =
        Rules.repeat(
            p, FailureKind.of(status), Rules.repeatable(p, method, idempotencyKey), attempts);
    upstream.tally(WITHOUT_CONNECTION).count(reason);
    if (reason.allows()) {
      upstream.health().failed(clock.getAsLong());
    }
    boolean yes = (absent(p) || reason == Reason.LIBRARY) ? otherwise : reason.allows();
    upstream.tally(WITHOUT_CONNECTION).retried(reason, yes);
    if (yes) {
      journal.add(
          Journal.Kind.RETRY, method + " " + upstream + ": answered by " + status + ", sent again");
    }
    return yes;
  }

  @Override
  public void closed(Object connection, boolean byPeer) {
    Connection c = table.get(connection);
    if (c == null) {
      return;
    }
    long now = clock.getAsLong();
    while (true) {
      long word = c.word();
      int state = Connection.state(word);
      if (Connection.isClosed(word)) {
        return;
      }
      boolean evicted = state == Connection.EVICTED;
      if (c.move(word, evicted ? Connection.EVICTED_AND_CLOSED : Connection.CLOSED, now)) {
        c.closedByPeer = byPeer;
        c.upstream.connectionRemoved();
        if (state == Connection.PARKED) {
          gone(c, byPeer, Connection.since(word, now), now);
        } else if (c.respondedAt != 0 && c.failure == null && c.end()) {
          report(c, now, null, false, byPeer ? Reason.PEER_CLOSED : null);
        }
        return;
      }
    }
  }

  private void gone(Connection c, boolean byPeer, long idle, long now) {
    c.upstream.idleRemoved();
    if (byPeer) {
      c.tally.count(Reason.PEER_CLOSED);
      evicted(c, Reason.PEER_CLOSED, now - idle, now);
      if (c.upstream.policy().learn()) {
        c.upstream.learned().closedAfter(idle, now);
      }
    }
  }

  @Override
  public void contained(String hook, Object subject, Throwable thrown) {
    Connection c = table.get(subject);
    if (c == null) {
      c = find(subject);
    }
    if (c == null) {
      if (strayFaults.incrementAndGet() > Library.MOST_FAULTS) {
        throw new IllegalStateException("too many faults in " + hook, thrown);
      }
      return;
    }
    c.library.faulted(thrown);
  }

  /** Whether a question must be answered as if the agent were absent. */
  private static boolean absent(Policy p) {
    return p.mode() != Mode.ENFORCE;
  }

  private @Nullable Connection find(Object exchange) {
    for (Connection c : live) {
      if (c.exchange() == exchange) {
        return c;
      }
    }
    return null;
  }

  private static boolean byPeer(Connection c) {
    return c.closedByPeer
        || (c.failure != null && FailureTypes.kind(c.failure) == FailureKind.ERROR);
  }

  /** Counts the end of an attempt that died, and tells of it and of a decision about it. */
  private void note(Connection c, long at, @Nullable Reason decision, boolean retried) {
    boolean died = c.failure != null || (c.respondedAt == 0 && Connection.isClosed(c.word()));
    if (died && byPeer(c)) {
      c.tally.reset(phase(c), c.reused);
    }
    if (died || decision != null) {
      Journal.Kind kind =
          retried
              ? Journal.Kind.RETRY
              : decision != null && !decision.allows()
                  ? Journal.Kind.RETRY_DENIED
                  : byPeer(c) ? Journal.Kind.RESET : Journal.Kind.FAILURE;
      journal.add(kind, at, AttemptText.of(c, died, decision, retried));
    }
  }

  /** Publishes the end of a parked connection, if the attempt that used it last was wanted. */
  void evicted(Connection c, Reason reason, long parkedAt, long now) {
    if (c.wanted) {
      events.evicted(new Eviction(c, reason, parkedAt, now));
    }
  }

  @Override
  public void unreached(
      Object exchange,
      String library,
      String scheme,
      String host,
      int port,
      String method,
      @Nullable String traceparent,
      Throwable cause) {
    if (events.wants(traceparent) && find(exchange) == null) {
      Upstream u = upstream(scheme, host, port);
      Retry before = retries.decided(exchange);
      long id = attemptIds.incrementAndGet();
      unreached(id, u, library, method, traceparent, cause, before, null, false);
    }
  }

  @Override
  public boolean mayRetryUnreached(
      Object exchange,
      String library,
      String scheme,
      String host,
      int port,
      String method,
      @Nullable String traceparent,
      Throwable cause,
      long elapsedNanos,
      boolean replayable) {
    Library by = libraries.get(library);
    if (by == null || !by.armed() || find(exchange) != null) {
      return false;
    }
    Upstream u = upstream(scheme, host, port);
    Policy p = u.policy();
    Retry before = retries.take(exchange);
    int tries = (before == null ? 0 : before.tries) + 1;
    FailureKind kind = FailureTypes.kind(cause);
    Reason reason =
        p.mode() == Mode.OFF
            ? Reason.LIBRARY
            : Rules.retry(p, kind, false, false, false, replayable, true, tries, elapsedNanos);
    if (reason.allows() && p.mode() != Mode.OFF && !withinBudget(u, p)) {
      reason = Reason.BUDGET;
    }
    boolean yes = reason.allows() && reason != Reason.LIBRARY && !absent(p);
    Tally tally = u.tally(WITHOUT_CONNECTION);
    tally.count(reason);
    tally.retried(reason, yes);
    long id = attemptIds.incrementAndGet();
    if (events.wants(traceparent)) {
      unreached(id, u, library, method, traceparent, cause, before, reason, yes);
    }
    if (yes) {
      long now = clock.getAsLong();
      journal.add(
          Journal.Kind.RETRY, method + " " + u + ": no connection could be made, sent again");
      int resend = before == null ? 1 : before.resendCount + 1;
      long since = now - elapsedNanos;
      retries.put(exchange, new Retry(u, id, since, now, reason, resend, tries, true));
    }
    return yes;
  }

  /** Publishes an attempt that no connection could be made for. */
  private void unreached(
      long id,
      Upstream u,
      String library,
      String method,
      @Nullable String traceparent,
      Throwable cause,
      @Nullable Retry repeated,
      @Nullable Reason decision,
      boolean retried) {
    Attempt a = new Attempt(id, u, library, 0, method, traceparent);
    String host = u.host();
    int port = u.port();
    a.retry = decision;
    a.retried = retried;
    a.connectingAt = Opening.failed(host, port);
    a.endedAt = clock.getAsLong();
    a.errorType = FailureTypes.errorType(cause, false, false);
    a.failedIn = FailureTypes.whileSecuring(cause) ? Attempt.Phase.TLS : Attempt.Phase.CONNECT;
    a.byPeer = a.errorType.equals("connection_refused") || a.errorType.equals("connection_reset");
    if (repeated != null) {
      a.repeats(repeated);
    }
    events.attempt(a);
  }

  long report(Connection c, long endedAt, @Nullable Reason decision, boolean retried) {
    return report(c, endedAt, decision, retried, null);
  }

  /** Publishes the attempt that the connection has just ended, if anybody wants it. */
  private long report(
      Connection c,
      long endedAt,
      @Nullable Reason decision,
      boolean retried,
      @Nullable Reason closeReason) {
    long id = attemptIds.incrementAndGet();
    if (retried && !Rules.isIdempotent(c.method)) {
      c.upstream.unsafeRetries().count(c.method);
    } else if (!retried && c.failure != null && isStale(c)) {
      c.upstream.unrepaired().count(c.method);
    }
    note(c, endedAt, decision, retried);
    if (!c.wanted) {
      return id;
    }
    Attempt a = new Attempt(id, c.upstream, c.library.name(), c.id, c.method, c.traceparent);
    a.reused = c.reused;
    a.idleNanos = c.idleNanos;
    a.ageNanos = c.leasedAt - c.openedAt;
    a.requests = c.requests;
    a.peerAddress = c.peerAddress;
    a.tlsResumed = c.tlsResumed;
    a.skipped = c.skipped;
    a.closeReason = closeReason;
    a.connectingAt = c.reused || c.requests > 1 ? 0 : c.connectingAt;
    a.openedAt = c.openedAt;
    a.leasedAt = c.leasedAt;
    a.sentAt = c.sentAt;
    a.respondedAt = c.respondedAt;
    a.endedAt = endedAt;
    a.status = c.status;
    boolean responded = c.respondedAt != 0;
    a.retry = decision;
    a.retried = retried;
    if (c.failure != null || !responded) {
      a.errorType = FailureTypes.errorType(c.failure, true, responded);
      a.failedIn = phase(c);
      a.byPeer = byPeer(c);
    }
    Retry retry = c.retry;
    if (retry != null) {
      a.repeats(retry);
    }
    events.attempt(a);
    return id;
  }

  /** Where an attempt died. Of a failed write the method tells whether there was a body. */
  private static Attempt.Phase phase(Connection c) {
    if (c.status != 0) {
      return Attempt.Phase.RESPONSE_BODY;
    }
    if (c.respondedAt != 0) {
      return Attempt.Phase.RESPONSE_HEAD;
    }
    if (!FailureTypes.whileWriting(c.failure)) {
      return Attempt.Phase.AWAITING_RESPONSE;
    }
    boolean body = c.method.equals("POST") || c.method.equals("PUT") || c.method.equals("PATCH");
    return body ? Attempt.Phase.REQUEST_BODY : Attempt.Phase.REQUEST_HEAD;
  }
}
