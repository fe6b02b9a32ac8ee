package org.keepaliveagent.policy;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** May a connection wait idle, and for how long? As timetables. */
class ParkAndSweepTest {
  @Test
  void aConnectionCarriesExactlyAsManyRequestsAsAllowed() {
    Pool pool = new Pool(p -> p.maxRequests(3));
    Object connection = pool.parked();
    assertTrue(pool.reuse(connection, "GET"));
    assertFalse(pool.reuse(connection, "GET"));
    assertEquals(1, pool.count(Reason.MAX_REQUESTS));
  }

  @ParameterizedTest
  @ValueSource(strings = {"close", "Close", "keep-alive, close", " close ", "x,CLOSE,y"})
  void theUpstreamMayAskForTheConnectionToBeClosed(String header) {
    Pool pool = new Pool(p -> p);
    Object connection = pool.open();
    pool.send(connection, "GET");
    pool.respond(connection, header, null);
    assertFalse(pool.engine.mayPark(connection, null));
  }

  @ParameterizedTest
  @ValueSource(strings = {"keep-alive", "closed", "not-close", "", ","})
  void otherWordsDoNotAskForIt(String header) {
    Pool pool = new Pool(p -> p);
    Object connection = pool.open();
    pool.send(connection, "GET");
    pool.respond(connection, header, null);
    assertTrue(pool.engine.mayPark(connection, null));
  }

  @Test
  void anHttp10ResponseEndsItsConnection() {
    Pool pool = new Pool(p -> p);
    Object connection = pool.open();
    pool.send(connection, "GET");
    pool.engine.responding(connection, 200, true, "keep-alive", null);
    assertFalse(pool.engine.mayPark(connection, null));
  }

  @ParameterizedTest
  @CsvSource({"3 3 3, 3", "1, 1", "99 98 97 96 95, 5", "2 1 0, 3"})
  void anAdvertisedMaxIsATotalOrCountsDown(String values, int parks) {
    Pool pool = new Pool(p -> p);
    Object connection = pool.open();
    int served = 0;
    boolean parked = true;
    for (String max : values.split(" ", -1)) {
      assertTrue(parked, "ended after " + served);
      if (served > 0) {
        assertTrue(pool.engine.mayLease(connection, "GET"));
      }
      pool.send(connection, "GET");
      pool.respond(connection, null, "max=" + max);
      served++;
      parked = pool.engine.mayPark(connection, null);
    }
    assertEquals(parks, served);
    assertEquals(values.startsWith("99"), parked);
  }

  @Test
  void keepaliveOffParksNothing() {
    Pool pool = new Pool(p -> p.maxIdle(0));
    Object connection = pool.open();
    pool.send(connection, "GET");
    pool.respond(connection);
    assertFalse(pool.engine.mayPark(connection, null));
  }

  @Test
  void overTheMostIdleTheLeastRecentlyUsedGo() {
    Pool pool = new Pool(p -> p.maxIdle(2));
    List<Object> parked = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      parked.add(pool.parked());
      pool.pass(1);
    }
    pool.sweep.run(pool.now);
    assertEquals(parked.subList(0, 3), pool.evicted);
    assertEquals(2, pool.upstream().idle());
    assertFalse(pool.engine.mayLease(parked.get(0), "GET"));
    assertTrue(pool.engine.mayLease(parked.get(4), "GET"));
  }

  @Test
  void overTheMostIdleEachUpstreamLosesItsOwn() {
    Pool pool = new Pool(p -> p.maxIdle(1));
    List<Object> parked = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      Object connection = new Object();
      parked.add(connection);
      pool.engine.opened(connection, "test", "http", i % 2 == 0 ? "even" : "odd", 80);
      pool.send(connection, "GET");
      pool.respond(connection);
      assertTrue(pool.engine.mayPark(connection, null));
      pool.pass(1);
    }
    pool.sweep.run(pool.now);
    assertEquals(4, pool.evicted.size());
    assertTrue(pool.evicted.containsAll(parked.subList(0, 4)));
  }

  @Test
  void withAScopeOfPoolTheMostIdleCountsInEachPoolByItself() {
    Pool pool = new Pool(p -> p.maxIdle(2).scope(Policy.Scope.POOL));
    List<Object> parked = new ArrayList<>();
    String[] pools = {"a", "b"};
    for (int i = 0; i < 7; i++) {
      Object connection = pool.open();
      parked.add(connection);
      pool.send(connection, "GET");
      pool.respond(connection);
      assertTrue(pool.engine.mayPark(connection, pools[i < 4 ? 0 : 1]));
      pool.pass(1);
    }
    pool.sweep.run(pool.now);
    assertEquals(List.of(parked.get(0), parked.get(1), parked.get(4)), pool.evicted);
    assertEquals(4, pool.upstream().idle());
  }

  @ParameterizedTest
  @CsvSource({"100, 0", "299, 0", "300, 1"})
  void theSweepClosesAGraceAfterTheLimit(long idleMillis, int closed) {
    Pool pool = new Pool(p -> p.idleNanos(MILLISECONDS.toNanos(100)));
    Object connection = pool.parked();
    pool.pass(idleMillis);
    pool.sweep.run(pool.now);
    assertEquals(closed, pool.evicted.size());
    if (closed == 1) {
      assertEquals(connection, pool.evicted.get(0));
      assertEquals(0, pool.upstream().idle());
    }
  }

  @Test
  void theSweepSaysWhenToComeAgain() {
    Pool pool = new Pool(p -> p.idleNanos(MILLISECONDS.toNanos(300)));
    assertEquals(Long.MAX_VALUE, pool.sweep.run(pool.now));
    pool.parked();
    assertEquals(MILLISECONDS.toNanos(500), pool.sweep.run(pool.now));
    pool.pass(499);
    assertEquals(Sweep.SHORTEST_NANOS, pool.sweep.run(pool.now));
  }

  @Test
  void theSweepNeverTouchesALeasedConnection() {
    Pool pool = new Pool(p -> p.idleNanos(MILLISECONDS.toNanos(100)));
    Object connection = pool.parked();
    assertTrue(pool.engine.mayLease(connection, "GET"));
    pool.pass(60_000);
    pool.sweep.run(pool.now);
    assertEquals(List.of(), pool.evicted);
  }

  @Test
  void theSweepClosesStaleSiblingsAtOnce() {
    Pool pool = new Pool(p -> p);
    Object sibling = pool.parked();
    Object failing = pool.parked();
    pool.pass(10);
    assertTrue(pool.engine.mayLease(failing, "GET"));
    pool.engine.failed(pool.send(failing, "GET"), Pool.reset());
    pool.sweep.run(pool.now);
    assertEquals(List.of(sibling), pool.evicted);
  }

  @Test
  void aConnectionHandedOutUnaskedIsNotSwept() {
    Pool pool = new Pool(p -> p.idleNanos(MILLISECONDS.toNanos(100)));
    Object connection = pool.parked();
    pool.pass(50);
    pool.send(connection, "GET");
    pool.pass(60_000);
    pool.sweep.run(pool.now);
    assertEquals(List.of(), pool.evicted);
    assertEquals(0, pool.upstream().idle());
  }

  @Test
  void recordsOfClosedConnectionsAreForgotten() {
    Pool pool = new Pool(p -> p);
    for (int i = 0; i < 100; i++) {
      pool.engine.closed(pool.parked(), false);
    }
    pool.sweep.run(pool.now);
    assertEquals(0, pool.upstream().idle());
    pool.now += Sweep.REMEMBERED_NANOS;
    pool.sweep.run(pool.now);
    assertEquals(0, pool.engine.live().size());
  }

  @Test
  void whatAThreadFoundClosedIsRefusedThoughTheSweepCameInBetween() {
    Pool pool = new Pool(p -> p);
    Object connection = pool.parked();
    pool.engine.closed(connection, true);
    pool.sweep.run(pool.now);
    pool.now += Sweep.REMEMBERED_NANOS - 1;
    pool.sweep.run(pool.now);
    assertFalse(pool.engine.mayLease(connection, "GET"));
  }

  @Test
  void recordsOfCollectedConnectionsAreForgotten() {
    Pool pool = new Pool(p -> p);
    pool.parked();
    Connection record = pool.engine.live().peek();
    record.clear();
    pool.sweep.run(pool.now);
    assertEquals(0, pool.engine.live().size());
    assertEquals(0, pool.upstream().idle());
  }

  @Test
  void aCloseThatFailsIsCountedAgainstTheLibrary() {
    Library library =
        new Library(
            "test",
            connection -> {
              throw new IllegalStateException("cannot close");
            });
    ConcurrentMap<String, Library> libraries = new ConcurrentHashMap<>();
    libraries.put("test", library);
    long[] now = {1};
    Engine engine =
        new Engine(Pool.table(p -> p.idleNanos(1)), () -> now[0], Events.NONE, libraries, () -> {});
    Object connection = new Object();
    engine.opened(connection, "test", "http", "upstream", 80);
    engine.sending(connection, new Object(), "GET", null, false);
    engine.mayPark(connection, null);
    now[0] += MILLISECONDS.toNanos(1000);
    new Sweep(engine).run(now[0]);
    assertEquals(1, library.faults());
  }

  @Test
  void aConnectionWhoseAttemptDiedIsClosedIfNobodyElseDoes() {
    Pool pool = new Pool(p -> p);
    Object connection = pool.open();
    pool.engine.failed(pool.send(connection, "GET"), Pool.reset());
    pool.sweep.run(pool.now);
    assertEquals(List.of(), pool.evicted);
    pool.now += Sweep.UNASKED_NANOS;
    pool.sweep.run(pool.now);
    assertEquals(List.of(connection), pool.evicted);
    assertEquals(1, pool.attempts.size());
    pool.engine.closed(connection, false);
    pool.now += Sweep.UNANSWERED_NANOS;
    pool.sweep.run(pool.now);
    assertEquals(1, pool.attempts.size());
    assertTrue(pool.engine.live().isEmpty());
  }

  @Test
  void underAPolicyThatObservesItIsOnlyReported() {
    Pool pool = new Pool(p -> p.mode(Mode.OBSERVE));
    Object connection = pool.open();
    pool.engine.failed(pool.send(connection, "GET"), Pool.reset());
    pool.now += Sweep.UNASKED_NANOS;
    pool.sweep.run(pool.now);
    assertEquals(List.of(), pool.evicted);
    assertEquals(0, pool.engine.usage().get(0).activeRequests());
    assertEquals(1, pool.attempts.size());
  }
}
