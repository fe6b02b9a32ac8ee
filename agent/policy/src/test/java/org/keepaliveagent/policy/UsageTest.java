package org.keepaliveagent.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is counted of a library's connections, and what is noted. */
class UsageTest {
  private static Usage usage(Pool pool) {
    return pool.engine.usage().get(0);
  }

  private static List<String> noted(Pool pool) {
    List<String> noted = new ArrayList<>();
    for (Journal.Entry entry : pool.engine.journal().entries()) {
      noted.add(entry.kind().word() + ": " + entry.text());
    }
    return noted;
  }

  @Test
  void whatAConnectionCarriedCountsOnceWhetherItExistsOrIsGone() {
    Pool pool = new Pool(p -> p);
    Object connection = pool.parked();
    pool.pass(3000);
    assertTrue(pool.reuse(connection, "GET"));
    assertEquals(2, usage(pool).requests());
    assertEquals(1, usage(pool).open());
    assertEquals(1, usage(pool).idle());
    assertEquals(Map.of(), usage(pool).closed());
    pool.engine.closed(connection, true);
    assertEquals(0, usage(pool).open());
    assertEquals(2, usage(pool).requests());
    for (int i = 0; i < 3; i++) {
      pool.pass(4000);
      pool.sweep.run(pool.now);
      assertEquals(2, usage(pool).requests());
      assertEquals(1, usage(pool).created());
      assertEquals(Map.of("peer_closed", 1L), usage(pool).closed());
      assertEquals(2, usage(pool).requestsAtClose().sum());
      assertEquals(3_000_000_000L, usage(pool).durations().sum());
      assertEquals(1, usage(pool).idleTimes().count());
      assertEquals(3_000_000_000L, usage(pool).idleTimes().sum());
    }
  }

  @Test
  void aConnectionThatWeEvictedIsClosedForThatReason() {
    Pool pool = new Pool(p -> p.idleNanos(1_000_000_000L));
    Object connection = pool.parked();
    pool.pass(1000);
    assertFalse(pool.reuse(connection, "GET"));
    pool.engine.closed(connection, false);
    pool.sweep.run(pool.now);
    assertEquals(Map.of("idle_timeout", 1L), usage(pool).closed());
    Object swept = pool.parked();
    pool.pass(1200);
    pool.sweep.run(pool.now);
    pool.engine.closed(swept, false);
    pool.sweep.run(pool.now);
    assertEquals(Map.of("idle_timeout", 2L), usage(pool).closed());
  }

  @Test
  void aCloseIsNotCountedBeforeItIsKnownHowItsExchangeEnded() {
    Pool pool = new Pool(p -> p);
    Object connection = pool.open();
    Object exchange = pool.send(connection, "GET");
    pool.engine.closed(connection, true);
    pool.sweep.run(pool.now);
    assertEquals(Map.of(), usage(pool).closed());
    assertEquals(1, usage(pool).activeRequests());
    pool.engine.failed(exchange, Pool.reset());
    pool.engine.mayRetry(exchange, true, false);
    pool.sweep.run(pool.now);
    assertEquals(Map.of("error", 1L), usage(pool).closed());
    assertEquals(0, usage(pool).activeRequests());
  }

  @Test
  void resetsAndRetriesAreCountedAndNoted() {
    Pool pool = new Pool(p -> p);
    Object connection = pool.parked();
    pool.pass(10);
    assertTrue(pool.engine.mayLease(connection, "POST"));
    assertFalse(pool.fail(connection, "POST"));
    assertEquals(1, usage(pool).resets(Attempt.Phase.AWAITING_RESPONSE, true));
    assertEquals(0, usage(pool).resets(Attempt.Phase.AWAITING_RESPONSE, false));
    assertEquals(1, usage(pool).retries(Reason.NON_IDEMPOTENT, false, false));
    assertEquals(
        List.of(
            "retry_denied: POST http://upstream:80: connection reset before a response on a reused"
                + " connection, idle 10ms, request 2; not sent again: the method must not be"
                + " executed twice"),
        noted(pool));
  }

  @Test
  void whatTheLibraryDoesWhileThePolicyObservesIsCountedApart() {
    Pool pool = new Pool(p -> p.mode(Mode.OBSERVE));
    Object connection = pool.open();
    Object exchange = pool.send(connection, "POST");
    pool.engine.failed(exchange, Pool.reset());
    assertTrue(pool.engine.mayRetry(exchange, true, true));
    assertEquals(1, usage(pool).retries(Reason.NON_IDEMPOTENT, true, true));
    assertEquals(0, usage(pool).retries(Reason.NON_IDEMPOTENT, false, false));
  }

  @Test
  void ordinaryRequestsAreNotNoted() {
    Pool pool = new Pool(p -> p.maxRequests(2));
    Object connection = pool.parked();
    assertFalse(pool.reuse(connection, "GET"));
    pool.engine.closed(connection, false);
    assertEquals(List.of(), noted(pool));
  }

  @Test
  void aStormOfOneKindLeavesTheOthersRemembered() {
    Journal journal = new Journal(() -> 5);
    journal.add(Journal.Kind.RELOAD, 1, "read again");
    for (int i = 0; i < 10 * Journal.KEPT; i++) {
      journal.add(Journal.Kind.RESET, 2 + i, "reset " + i);
    }
    List<Journal.Entry> entries = journal.entries();
    assertEquals(Journal.KEPT + 1, entries.size());
    assertEquals("reset " + (10 * Journal.KEPT - 1), entries.get(0).text());
    assertEquals("read again", entries.get(Journal.KEPT).text());
  }

  @Test
  void aValueOnABoundBelongsBelowIt() {
    Histogram histogram = new Histogram(new long[] {10, 20});
    for (long value : new long[] {0, 10, 11, 20, 21, 1000}) {
      histogram.add(value);
    }
    assertArrayEquals(new long[] {2, 2, 2}, histogram.counts());
    assertEquals(6, histogram.count());
    assertEquals(1062, histogram.sum());
  }
}
