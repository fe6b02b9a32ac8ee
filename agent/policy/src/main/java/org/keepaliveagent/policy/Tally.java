package org.keepaliveagent.policy;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * What one library has done on its connections to one upstream: plain counters, which metrics read
 * when somebody looks.
 *
 * <p>Any thread counts answers, resets and retries. What connections have carried is added by the
 * sweep once they are closed, under the engine's accounting lock.
 */
final class Tally {
  /** The end of a connection that neither a rule nor the upstream nor a failure caused. */
  private static final String BY_LIBRARY = "library";

  final Upstream upstream;

  /** The library's name; empty for what is decided without a connection. */
  final String library;

  private final LongAdder created = new LongAdder();
  private final Map<Reason, LongAdder> decisions = new EnumMap<>(Reason.class);
  private final Map<Reason, LongAdder> observed = new EnumMap<>(Reason.class);

  /** By what tells them apart. */
  private final ConcurrentMap<List<?>, LongAdder> rare = new ConcurrentHashMap<>();

  // Under the accounting lock.
  private long requests;
  private final Map<String, Long> closed = new TreeMap<>();
  private final Histogram durations = new Histogram(Histogram.TIMES);
  private final Histogram requestsAtClose = new Histogram(Histogram.REQUESTS);
  private final Histogram idleTimes = new Histogram(Histogram.TIMES);

  Tally(Upstream upstream, String library) {
    this.upstream = upstream;
    this.library = library;
    for (Reason reason : Reason.values()) {
      decisions.put(reason, new LongAdder());
      observed.put(reason, new LongAdder());
    }
  }

  void connectionCreated() {
    created.increment();
  }

  long created() {
    return created.sum();
  }

  /** A rule gave this reason. */
  void count(Reason reason) {
    adder(upstream.policy().mode() == Mode.OBSERVE ? observed : decisions, reason).increment();
  }

  long decisions(Reason reason) {
    return adder(decisions, reason).sum();
  }

  long wouldHave(Reason reason) {
    return adder(observed, reason).sum();
  }

  private static LongAdder adder(Map<Reason, LongAdder> adders, Reason reason) {
    return Objects.requireNonNull(adders.get(reason));
  }

  /** The upstream ended a connection under an attempt. */
  void reset(Attempt.Phase phase, boolean reused) {
    count(Arrays.asList(phase, reused));
  }

  long resets(Attempt.Phase phase, boolean reused) {
    return rare(Arrays.asList(phase, reused));
  }

  /** The retry rule was asked, and this came of it. */
  void retried(Reason reason, boolean yes) {
    count(Arrays.asList(reason, yes, upstream.policy().mode() == Mode.OBSERVE));
  }

  long retries(Reason reason, boolean yes, boolean observing) {
    return rare(Arrays.asList(reason, yes, observing));
  }

  private void count(List<?> key) {
    rare.computeIfAbsent(key, k -> new LongAdder()).increment();
  }

  private long rare(List<?> key) {
    LongAdder adder = rare.get(key);
    return adder == null ? 0 : adder.sum();
  }

  /** Adds what a connection has carried that is closed, or gone. Under the accounting lock. */
  void closed(Connection c, long now) {
    requests += c.requests;
    closed.merge(closeReason(c), 1L, Long::sum);
    long lived = now - c.openedAt;
    if (Connection.isClosed(c.word())) {
      lived -= Connection.since(c.word(), now);
    }
    durations.add(Math.max(0, lived));
    requestsAtClose.add(c.requests);
    idleTimes.add(c.idleTimes);
  }

  private static String closeReason(Connection c) {
    Reason evicted = c.evictedFor;
    if (evicted != null) {
      return evicted.word();
    }
    if (c.failure != null) {
      return "error";
    }
    if (c.closedByPeer) {
      return Reason.PEER_CLOSED.word();
    }
    return c.peerAsked ? Reason.PEER_ASKED.word() : BY_LIBRARY;
  }

  /** What is known at this moment, without the connections that exist. Under the lock. */
  Usage usage() {
    Usage usage = new Usage(this, requests, new TreeMap<>(closed));
    usage.durations.add(durations);
    usage.requestsAtClose.add(requestsAtClose);
    usage.idleTimes.add(idleTimes);
    return usage;
  }
}
