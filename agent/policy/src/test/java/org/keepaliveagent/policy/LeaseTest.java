package org.keepaliveagent.policy;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** May a parked connection carry another request? As timetables. */
class LeaseTest {
  private static final Set<FailureKind> ERROR = Set.of(FailureKind.ERROR);

  @ParameterizedTest
  @CsvSource({"0, true", "99, true", "100, false", "5000, false"})
  void goesAtTheIdleLimit(long idleMillis, boolean leased) {
    Pool pool = new Pool(p -> p.idleNanos(MILLISECONDS.toNanos(100)));
    Object connection = pool.parked();
    pool.pass(idleMillis);
    assertEquals(leased, pool.engine.mayLease(connection, "GET"));
    assertEquals(0, pool.upstream().idle());
    assertEquals(1, pool.count(leased ? Reason.REUSED : Reason.IDLE_TIMEOUT));
  }

  @ParameterizedTest
  @CsvSource({"899, true", "1000, false"})
  void goesAtTheAgeLimitLessJitter(long ageMillis, boolean leased) {
    Pool pool = new Pool(p -> p.maxAgeNanos(MILLISECONDS.toNanos(1000)));
    Object connection = pool.parked();
    pool.pass(ageMillis);
    assertEquals(leased, pool.engine.mayLease(connection, "GET"));
  }

  @Test
  void ageLimitsAreSpread() {
    Pool pool = new Pool(p -> p.maxAgeNanos(MILLISECONDS.toNanos(1000)));
    Object[] connections = new Object[200];
    for (int i = 0; i < connections.length; i++) {
      connections[i] = pool.parked();
    }
    pool.pass(950);
    int leased = 0;
    for (Object connection : connections) {
      leased += pool.engine.mayLease(connection, "GET") ? 1 : 0;
    }
    assertTrue(leased > 40 && leased < 160, leased + " of 200 outlive the middle of the jitter");
  }

  @ParameterizedTest
  @CsvSource({
    "timeout=5,           4499, true",
    "timeout=5,           4500, false",
    "TIMEOUT = 5 ; max=9, 9999, true",
    "max=9999; timeout=2, 9999, true",
    "timeout=0,           9999, true",
    "timeout=-1,          9999, true",
    "timeout=five,        9999, true",
    "timeout,             9999, true",
  })
  void anAdvertisedTimeoutCountsLessTheMargin(String header, long idleMillis, boolean leased) {
    Pool pool = new Pool(p -> p);
    Object connection = pool.parked(header);
    pool.pass(idleMillis);
    assertEquals(leased, pool.engine.mayLease(connection, "GET"));
  }

  @ParameterizedTest
  @CsvSource({
    "timeout=5, 4499, true", "timeout=5, 4500, false",
    "timeout=1, 499, true", "timeout=1, 500, false"
  })
  void theParametersOfKeepAliveStandInAnyOrder(String header, long idleMillis, boolean leased) {
    for (String value : new String[] {header + ", max=100", "max=100, " + header, " " + header}) {
      Pool pool = new Pool(p -> p);
      Object connection = pool.parked(value);
      pool.pass(idleMillis);
      assertEquals(leased, pool.engine.mayLease(connection, "GET"), value);
    }
  }

  @Test
  void theMarginIsHalvedOnlyForWhatWouldBeRepaired() {
    // Learned: 100 ms; the margin of 500 ms leaves nothing, half of it leaves 50 ms.
    for (boolean repaired : new boolean[] {false, true}) {
      Pool pool = new Pool(p -> repaired ? p.nextUpstream(ERROR, false) : p);
      pool.learn(100);
      assertEquals(repaired, pool.engine.mayLease(pool.parked(), "GET"));
      assertFalse(pool.engine.mayLease(pool.parked(), "POST"));
      Object late = pool.parked();
      pool.pass(50);
      assertFalse(pool.engine.mayLease(late, "GET"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "POST,  2000, true", "POST,  2001, false",
    "PATCH, 2001, false", "LOCK,  2001, false",
    "GET,   3999, true", "PUT,   3999, true",
    ",      2001, false",
  })
  void whatMustNotBeSentTwiceNeedsAFreshConnection(String method, long idleMillis, boolean leased) {
    Pool pool = new Pool(p -> p.idleNanos(MILLISECONDS.toNanos(4000)));
    Object connection = pool.parked();
    pool.pass(idleMillis);
    assertEquals(leased, pool.engine.mayLease(connection, method));
  }

  @Test
  void freshnessIsNotAskedWhereThePolicyRepeatsEverything() {
    Pool pool = new Pool(p -> p.idleNanos(MILLISECONDS.toNanos(4000)).nextUpstream(ERROR, true));
    Object connection = pool.parked();
    pool.pass(3999);
    assertTrue(pool.engine.mayLease(connection, "POST"));
  }

  @Test
  void siblingsOfAStaleConnectionAreRefusedAndYoungerOnesStay() {
    Pool pool = new Pool(p -> p);
    Object older = pool.parked();
    pool.pass(10);
    Object failing = pool.parked();
    pool.pass(10);
    Object younger = pool.parked();
    pool.pass(10);
    assertTrue(pool.engine.mayLease(failing, "GET"));
    Object exchange = pool.send(failing, "GET");
    pool.engine.failed(exchange, Pool.reset());
    assertFalse(pool.engine.mayLease(older, "GET"));
    assertTrue(pool.engine.mayLease(younger, "GET"));
    assertEquals(1, pool.count(Reason.SIBLING_STALE));
  }

  @Test
  void anUnknownConnectionIsLeasedAsWithoutTheAgent() {
    Pool pool = new Pool(p -> p.idleNanos(1));
    assertTrue(pool.engine.mayLease(new Object(), "GET"));
    assertTrue(pool.engine.mayPark(new Object(), null));
    assertTrue(pool.engine.mayRetry(new Object(), true, true));
    assertFalse(pool.engine.mayRetry(new Object(), true, false));
  }

  @Test
  void aClosedConnectionIsNeverLeased() {
    Pool pool = new Pool(p -> p);
    Object connection = pool.parked();
    pool.engine.closed(connection, true);
    pool.engine.closed(connection, false);
    assertFalse(pool.engine.mayLease(connection, "GET"));
    assertFalse(pool.engine.mayPark(connection, null));
    assertEquals(0, pool.upstream().idle());
  }

  @Test
  void aRefusedConnectionIsNeverLeasedAgain() {
    Pool pool = new Pool(p -> p.idleNanos(MILLISECONDS.toNanos(100)));
    Object connection = pool.parked();
    pool.pass(100);
    assertFalse(pool.engine.mayLease(connection, "GET"));
    pool.engine.policies(Pool.table(p -> p));
    assertFalse(pool.engine.mayLease(connection, "GET"));
  }

  @Test
  void observingCountsTheRefusalAndLeases() {
    Pool pool = new Pool(p -> p.mode(Mode.OBSERVE).idleNanos(MILLISECONDS.toNanos(100)));
    Object connection = pool.parked();
    pool.pass(100);
    assertTrue(pool.engine.mayLease(connection, "GET"));
    assertEquals(1, pool.upstream().wouldHave(Reason.IDLE_TIMEOUT));
    pool.pass(10_000);
    pool.sweep.run(pool.now);
    assertEquals(0, pool.evicted.size());
  }

  @Test
  void aReloadedPolicyActsOnParkedConnections() {
    Pool pool = new Pool(p -> p);
    Object connection = pool.parked();
    pool.pass(100);
    pool.engine.policies(Pool.table(p -> p.idleNanos(MILLISECONDS.toNanos(100))));
    assertFalse(pool.engine.mayLease(connection, "GET"));
  }

  @Test
  void aLibraryThatOurFaultsDisarmedRunsAsWithoutTheAgent() {
    Pool pool = new Pool(p -> p.idleNanos(1));
    Object connection = pool.parked();
    pool.pass(100);
    for (int i = 0; i < Library.MOST_FAULTS; i++) {
      pool.engine.contained("mayLease", connection, new IllegalStateException("fault " + i));
    }
    assertTrue(pool.engine.mayLease(connection, "GET"));
  }

  @Test
  void whatTheSweepEvictedIsNotLeasedUnderAMilderPolicyEither() {
    for (Mode milder : new Mode[] {Mode.OBSERVE, Mode.OFF}) {
      for (boolean closed : new boolean[] {false, true}) {
        Pool pool = new Pool(p -> p.idleNanos(MILLISECONDS.toNanos(1)));
        Object connection = pool.parked();
        pool.pass(1_000);
        pool.sweep.run(pool.now);
        assertEquals(List.of(connection), pool.evicted);
        if (closed) {
          pool.engine.closed(connection, false);
        }
        pool.engine.policies(Pool.table(p -> p.mode(milder)));
        assertFalse(pool.engine.mayLease(connection, "GET"));
      }
    }
  }

  @Test
  void aLeaseThatComesLateFindsWhatTheSweepEvicted() {
    Pool pool = new Pool(p -> p.idleNanos(MILLISECONDS.toNanos(1)));
    Object connection = pool.parked();
    pool.pass(1_000);
    pool.sweep.run(pool.now);
    pool.engine.closed(connection, false);
    pool.pass(4_000);
    pool.sweep.run(pool.now);
    pool.engine.opened(connection, "test", "http", "upstream", 80);
    assertFalse(pool.engine.mayLease(connection, "GET"));
  }
}
