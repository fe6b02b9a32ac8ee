package org.keepaliveagent.policy;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each finding is provoked, and its nearest neighbour provokes nothing. */
class FindingsTest {
  private static final EnumSet<FailureKind> ERROR = EnumSet.of(FailureKind.ERROR);

  private static void assertSays(Pool pool, String id, String... parts) {
    String said = pool.finding(id);
    assertNotNull(said, id + " was not found among " + pool.engine.findings(pool.now));
    for (String part : parts) {
      assertTrue(said.contains(part), said);
    }
  }

  private static void requests(Pool pool, int number, String connectionHeader) {
    for (int i = 0; i < number; i++) {
      Object connection = pool.open();
      pool.send(connection, "GET");
      pool.respond(connection, connectionHeader, null);
      if (!pool.engine.mayPark(connection, null)) {
        pool.engine.closed(connection, false);
      }
    }
    pool.sweep.run(pool.now);
  }

  @Test
  void kf01NoReuse() {
    Pool closing = new Pool(p -> p);
    requests(closing, Findings.ENOUGH_REQUESTS, "close");
    assertSays(closing, "KF01", "20 requests, 0 reuses", "Connection: close", "set_header");

    Pool nothing = new Pool(p -> p.maxIdle(0));
    requests(nothing, Findings.ENOUGH_REQUESTS, null);
    assertSays(nothing, "KF01", "the policy parks nothing", "keepalive: 1");

    Pool old = new Pool(p -> p.http10(true));
    requests(old, Findings.ENOUGH_REQUESTS, null);
    assertSays(old, "KF01", "http_version: \"1.1\"");

    Pool few = new Pool(p -> p);
    requests(few, Findings.ENOUGH_REQUESTS - 1, "close");
    assertNull(few.finding("KF01"));

    Pool reusing = new Pool(p -> p);
    Object connection = reusing.parked();
    for (int i = 0; i < Findings.ENOUGH_REQUESTS; i++) {
      reusing.reuse(connection, "GET");
    }
    assertNull(reusing.finding("KF01"));
  }

  @Test
  void kf02Thrash() {
    Pool small = new Pool(p -> p.maxIdle(2));
    Pool large = new Pool(p -> p.maxIdle(4));
    for (Pool pool : List.of(small, large)) {
      for (int burst = 0; burst < Findings.ENOUGH_EVICTIONS; burst++) {
        burst(pool, 4);
      }
    }
    assertSays(small, "KF02", "keepalive 2 closed", "keepalive: 4");
    assertNull(large.finding("KF02"));
  }

  /** So many requests at once, on parked connections where there are some. */
  private static void burst(Pool pool, int requests) {
    List<Object> used = new ArrayList<>();
    for (Object parked : List.copyOf(pool.parkedOnes)) {
      if (used.size() < requests && pool.engine.mayLease(parked, "GET")) {
        used.add(parked);
      }
    }
    while (used.size() < requests) {
      used.add(pool.open());
    }
    pool.parkedOnes.clear();
    for (Object connection : used) {
      pool.send(connection, "GET");
      pool.respond(connection);
      pool.engine.mayPark(connection, null);
      pool.parkedOnes.add(connection);
      pool.pass(1);
    }
    pool.sweep.run(pool.now);
    for (Object gone : pool.evicted) {
      pool.engine.closed(gone, false);
    }
    pool.parkedOnes.removeAll(pool.evicted);
    pool.pass(10);
  }

  @Test
  void kf01SaysWhenConnectionsWaitTooLongForTheirNextRequest() {
    Pool pool = new Pool(p -> p.idleNanos(MILLISECONDS.toNanos(100)));
    for (int i = 0; i < Findings.ENOUGH_REQUESTS; i++) {
      Object connection = pool.parked();
      pool.pass(200);
      assertFalse(pool.engine.mayLease(connection, "GET"));
    }
    assertSays(pool, "KF01", "had waited longer than is safe", "longer than its requests");
  }

  @Test
  void kf04GivesNoAdviceWhereTheUpstreamClosesAtOnce() {
    Pool pool = new Pool(p -> p);
    for (int i = 0; i < LearnedTimeout.CLOSES; i++) {
      Object connection = pool.parked();
      pool.now += 500_000;
      pool.engine.closed(connection, true);
      pool.pass(2_000);
    }
    assertTrue(pool.upstream().learnedNanos(pool.now) > 0);
    assertNull(pool.finding("KF04"));
  }

  @Test
  void kf03Oversized() {
    Pool stated = new Pool(p -> p.maxIdle(100).instances(4).upstreamMaxConnections(300));
    stated.parked();
    assertSays(stated, "KF03", "keepalive 100, times 4 processes", "keepalive: 75");

    Pool each =
        new Pool(
            p -> p.maxIdle(100).scope(Policy.Scope.POOL).instances(4).upstreamMaxConnections(600));
    for (String pool : List.of("a", "b")) {
      Object connection = each.open();
      each.send(connection, "GET");
      each.respond(connection);
      each.engine.mayPark(connection, pool);
    }
    assertSays(each, "KF03", "keepalive 100, times 2 pools, times 4 processes", "keepalive: 75");

    Pool seen = new Pool(p -> p.upstreamMaxConnections(1));
    seen.parked();
    seen.parked();
    assertSays(seen, "KF03", "at most seen 2");

    Pool fitting = new Pool(p -> p.maxIdle(75).instances(4).upstreamMaxConnections(300));
    fitting.parked();
    assertNull(fitting.finding("KF03"));
  }

  @Test
  void kf04IdleTooLong() {
    Pool stated = new Pool(p -> p.idleNanos(SECONDS.toNanos(60)));
    stated.parked("timeout=5");
    assertSays(stated, "KF04", "keepalive_timeout 60s", "own is 5s", "keepalive_timeout: 4500ms");

    Pool learned = new Pool(p -> p);
    learned.learn(2_000);
    assertSays(learned, "KF04", "no keepalive_timeout", "own is 2s", "keepalive_timeout: 1500ms");

    Pool below = new Pool(p -> p.idleNanos(SECONDS.toNanos(4)));
    below.parked("timeout=5");
    assertNull(below.finding("KF04"));

    Pool neverThatLong = new Pool(p -> p);
    neverThatLong.parked("timeout=5");
    assertNull(neverThatLong.finding("KF04"));
  }

  @Test
  void kf05AgeForIdle() {
    Pool age = new Pool(p -> p.maxAgeNanos(SECONDS.toNanos(4)));
    age.parked("timeout=5");
    assertSays(age, "KF05", "keepalive_time 4s", "keepalive_timeout: 4500ms in its place");

    Pool both = new Pool(p -> p.maxAgeNanos(SECONDS.toNanos(4)).idleNanos(SECONDS.toNanos(3)));
    both.parked("timeout=5");
    assertNull(both.finding("KF05"));

    Pool old = new Pool(p -> p.maxAgeNanos(SECONDS.toNanos(3600)));
    old.parked("timeout=5");
    assertNull(old.finding("KF05"));
  }

  @Test
  void kf06UnrepairedResets() {
    Pool pool = new Pool(p -> p);
    Object connection = pool.parked();
    assertTrue(pool.engine.mayLease(connection, "POST"));
    pool.fail(connection, "POST");
    assertSays(pool, "KF06", "failed: 1 POST", "keepalive_timeout well below");

    Pool get = new Pool(p -> p);
    connection = get.parked();
    assertTrue(get.engine.mayLease(connection, "GET"));
    get.fail(connection, "GET");
    assertSays(get, "KF06", "failed: 1 GET", "next_upstream: [error, timeout]");

    Pool repaired = new Pool(p -> p.nextUpstream(ERROR, false));
    connection = repaired.parked();
    assertTrue(repaired.engine.mayLease(connection, "GET"));
    assertTrue(repaired.fail(connection, "GET"));
    assertNull(repaired.finding("KF06"));

    Pool fresh = new Pool(p -> p);
    fresh.fail(fresh.open(), "POST");
    assertNull(fresh.finding("KF06"));
  }

  @Test
  void kf07UnsafeRetries() {
    Pool pool = new Pool(p -> p.nextUpstream(ERROR, true));
    Object connection = pool.parked();
    assertTrue(pool.engine.mayLease(connection, "POST"));
    assertTrue(pool.fail(connection, "POST"));
    assertSays(pool, "KF07", "sent again: 1 POST", "non_idempotent");

    Pool safe = new Pool(p -> p.nextUpstream(ERROR, false));
    connection = safe.parked();
    assertTrue(safe.engine.mayLease(connection, "GET"));
    assertTrue(safe.fail(connection, "GET"));
    assertNull(safe.finding("KF07"));
  }

  @Test
  void kf08Tls() {
    Pool full = new Pool(p -> p);
    Pool resumed = new Pool(p -> p);
    Pool unnamed = new Pool(p -> p);
    for (Pool pool : List.of(full, resumed, unnamed)) {
      pool.parked();
    }
    for (int i = 0; i <= Findings.ENOUGH_HANDSHAKES; i++) {
      full.upstream().handshaken(false, false, full.now);
      resumed.upstream().handshaken(i > 0, false, resumed.now);
    }
    unnamed.upstream().handshaken(false, true, unnamed.now);
    assertSays(full, "KF08", "10 full handshakes", "ssl_session_reuse: on");
    assertNull(resumed.finding("KF08"));
    assertSays(unnamed, "KF08", "named no server", "the server's name");
  }

  @Test
  void kf09DeadPeer() {
    Pool pool = new Pool(p -> p);
    Pool watched = new Pool(p -> p.maxFails(3));
    Pool answering = new Pool(p -> p);
    for (Pool each : List.of(pool, watched, answering)) {
      each.parked();
      for (int i = 0; i < Findings.ENOUGH_FAILURES; i++) {
        each.fail(each.open(), "GET");
      }
    }
    answering.parked();
    assertSays(pool, "KF09", "3 attempts in a row failed, parked connections: 1", "max_fails");
    assertNull(watched.finding("KF09"));
    assertNull(answering.finding("KF09"));
  }

  @Test
  void kf10Impact() {
    Pool pool = new Pool(p -> p.mode(Mode.OBSERVE));
    requests(pool, Findings.ENOUGH_FOR_IMPACT, null);
    assertNull(pool.finding("KF10"));
    for (Object connection : List.copyOf(pool.opened)) {
      pool.engine.closed(connection, false);
    }
    pool.sweep.run(pool.now);
    pool.engine.policies(Pool.table(p -> p));
    Object connection = pool.parked();
    for (int i = 1; i < Findings.ENOUGH_FOR_IMPACT; i++) {
      assertTrue(pool.reuse(connection, "GET"));
    }
    assertSays(pool, "KF10", "1000.0 before, 1.0 with the policy enforced, of 1000 requests");
  }

  @Test
  void anObservingPolicyCountsWhatItWouldHaveDoneOnce() {
    Pool pool = new Pool(p -> p.mode(Mode.OBSERVE).idleNanos(SECONDS.toNanos(1)).maxIdle(1));
    pool.parked();
    pool.parked();
    pool.sweep.run(pool.now);
    pool.sweep.run(pool.now);
    assertEquals(1, pool.upstream().wouldHave(Reason.MAX_IDLE));
    pool.pass(2_000);
    pool.sweep.run(pool.now);
    pool.sweep.run(pool.now);
    assertEquals(1, pool.upstream().wouldHave(Reason.IDLE_TIMEOUT));
    assertEquals(0, pool.count(Reason.MAX_IDLE) + pool.count(Reason.IDLE_TIMEOUT));
    assertEquals(List.of(), pool.evicted);
    assertEquals(2, pool.upstream().idle());
  }

  @Test
  void aRetryBudgetLeavesThreeAndThenAShare() {
    Pool pool = new Pool(p -> p.nextUpstream(ERROR, false).retryPercent(20));
    List<Object> connections = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      connections.add(pool.parked());
    }
    int allowed = 0;
    List<Object> exchanges = new ArrayList<>();
    for (Object connection : connections) {
      pool.engine.mayLease(connection, "GET");
      exchanges.add(pool.send(connection, "GET"));
    }
    for (Object exchange : exchanges) {
      pool.engine.failed(exchange, Pool.reset());
    }
    for (Object exchange : exchanges) {
      allowed += pool.engine.mayRetry(exchange, true, false) ? 1 : 0;
    }
    assertEquals(8, allowed, "a fifth of the forty requests in progress");
    assertEquals(32, pool.count(Reason.BUDGET));
  }

  @Test
  void aRetryBudgetDoesNotCountFailuresThatNobodyAskedAboutAsInProgress() {
    Pool pool = new Pool(p -> p.nextUpstream(ERROR, false).retryPercent(20));
    for (int i = 0; i < 40; i++) {
      Object connection = pool.open();
      pool.engine.failed(pool.send(connection, "GET"), Pool.reset());
      pool.engine.closed(connection, true);
    }
    pool.pass(1_100);
    pool.sweep.run(pool.now);
    int allowed = 0;
    List<Object> exchanges = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      exchanges.add(pool.send(pool.parked(), "GET"));
    }
    for (Object exchange : exchanges) {
      pool.engine.failed(exchange, Pool.reset());
      allowed += pool.engine.mayRetry(exchange, true, false) ? 1 : 0;
    }
    assertEquals(3, allowed, "the few that are always allowed");
  }
}
