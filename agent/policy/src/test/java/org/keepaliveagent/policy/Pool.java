package org.keepaliveagent.policy;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** An engine on a manual clock, and the calls that a well-behaved pool would make. */
final class Pool {
  /** Far from zero, so that a test cannot pass by accident of it. */
  long now = 1_000_000_000_000L;

  final List<Object> evicted = new ArrayList<>();
  final List<Object> opened = new ArrayList<>();
  final List<Object> parkedOnes = new ArrayList<>();
  final List<Attempt> attempts = Collections.synchronizedList(new ArrayList<>());
  final Engine engine;
  final Sweep sweep;

  Pool(UnaryOperator<Policy.Builder> policy) {
    ConcurrentMap<String, Library> libraries = new ConcurrentHashMap<>();
    libraries.put("test", new Library("test", evicted::add));
    Events events =
        new Events() {
          @Override
          public boolean wants(@Nullable String traceparent) {
            return true;
          }

          @Override
          public void attempt(Attempt attempt) {
            attempts.add(attempt);
          }
        };
    engine = new Engine(table(policy), () -> now, events, libraries, () -> {});
    sweep = new Sweep(engine);
  }

  static PolicyTable table(UnaryOperator<Policy.Builder> policy) {
    return new PolicyTable(policy.apply(Policy.builder("test")).build(), Collections.emptyList());
  }

  Object open() {
    Object connection = new Object();
    engine.opened(connection, "test", "http", "upstream", 80);
    opened.add(connection);
    return connection;
  }

  Object send(Object connection, String method) {
    Object exchange = new Object();
    send(connection, exchange, method);
    return exchange;
  }

  void send(Object connection, Object exchange, String method) {
    engine.sending(connection, exchange, method, null, false);
  }

  void respond(Object connection) {
    respond(connection, null, null);
  }

  void respond(
      Object connection, @Nullable String connectionHeader, @Nullable String keepAliveHeader) {
    engine.responding(connection, 200, false, connectionHeader, keepAliveHeader);
  }

  /** A new connection that has served one request and is parked. */
  Object parked() {
    return parked(null);
  }

  Object parked(@Nullable String keepAliveHeader) {
    Object connection = open();
    send(connection, "GET");
    respond(connection, null, keepAliveHeader);
    if (!engine.mayPark(connection, null)) {
      throw new AssertionError("refused at park");
    }
    return connection;
  }

  /** Leases, serves one request, parks. */
  boolean reuse(Object connection, String method) {
    if (!engine.mayLease(connection, method)) {
      return false;
    }
    send(connection, method);
    respond(connection);
    return engine.mayPark(connection, null);
  }

  void pass(long millis) {
    now += MILLISECONDS.toNanos(millis);
  }

  /** Three connections in turn are closed by the peer after this idle time, apart in time. */
  void learn(long idleMillis) {
    for (int i = 0; i < LearnedTimeout.CLOSES; i++) {
      Object connection = parked();
      pass(idleMillis);
      engine.closed(connection, true);
      pass(2_000);
    }
  }

  static IOException reset() {
    return new IOException("Connection reset by peer");
  }

  Upstream upstream() {
    return engine.upstreams().iterator().next();
  }

  long count(Reason reason) {
    return upstream().decisions(reason);
  }

  /** The remedy and evidence of a finding, or null where it is not found. */
  @Nullable String finding(String id) {
    for (Finding finding : engine.findings(now)) {
      if (finding.kind().id().equals(id)) {
        return finding.toString();
      }
    }
    return null;
  }

  /** A request that fails; whether it may be repeated. */
  boolean fail(Object connection, String method) {
    Object exchange = send(connection, method);
    engine.failed(exchange, reset());
    boolean again = engine.mayRetry(exchange, true, false);
    engine.closed(connection, true);
    return again;
  }
}
