package org.keepaliveagent.policy;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.SocketTimeoutException;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** May a failed request go once more? */
class RetryTest {
  private static final Set<FailureKind> ERROR_TIMEOUT =
      EnumSet.of(FailureKind.ERROR, FailureKind.TIMEOUT);

  @ParameterizedTest
  @CsvSource({
    "GET,    true, true,  true",
    "PUT,    true, true,  true",
    "DELETE, true, true,  true",
    "FOO,    true, true,  true",
    "GET,    true, false, false",
    "POST,   true, true,  false",
    "PATCH,  true, true,  false",
    "LOCK,   true, true,  false",
  })
  void aStaleFailureIsRetriedIfNothingCanHappenTwice(
      String method, boolean stale, boolean replayable, boolean retried) {
    Pool pool = new Pool(p -> p.nextUpstream(ERROR_TIMEOUT, false));
    assertEquals(retried, fail(pool, method, replayable, !retried));
  }

  @Test
  void nonIdempotentAllowsAPost() {
    Pool pool = new Pool(p -> p.nextUpstream(ERROR_TIMEOUT, true));
    assertTrue(fail(pool, "POST", true, false));
  }

  @Test
  void anIdempotencyKeyAllowsAPostWhereThePolicyHonoursIt() {
    for (boolean honoured : new boolean[] {true, false}) {
      Pool pool = new Pool(p -> p.nextUpstream(ERROR_TIMEOUT, false).idempotencyKey(honoured));
      Object connection = pool.parked();
      assertTrue(pool.engine.mayLease(connection, "POST"));
      Object exchange = new Object();
      pool.engine.sending(connection, exchange, "POST", null, true);
      pool.engine.failed(exchange, Pool.reset());
      assertEquals(honoured, pool.engine.mayRetry(exchange, true, false));
    }
  }

  @Test
  void afterTheResponseBeganThereIsNoRetry() {
    Pool pool = new Pool(p -> p.nextUpstream(ERROR_TIMEOUT, true));
    Object connection = pool.parked();
    assertTrue(pool.engine.mayLease(connection, "GET"));
    Object exchange = pool.send(connection, "GET");
    pool.respond(connection);
    pool.engine.failed(exchange, Pool.reset());
    assertFalse(pool.engine.mayRetry(exchange, true, true));
    assertSame(Reason.RESPONSE_STARTED, pool.attempts.get(1).retry);
    assertSame(Attempt.Phase.RESPONSE_BODY, pool.attempts.get(1).failedIn);
  }

  @Test
  void withoutAStatedRuleTheLibraryDecidesButForWhatIsUnsafe() {
    for (boolean library : new boolean[] {true, false}) {
      Pool pool = new Pool(p -> p);
      assertEquals(library, fail(pool, "GET", true, library));
      assertFalse(fail(pool, "POST", true, library));
      assertFalse(fail(pool, "GET", false, library));
    }
  }

  @Test
  void offSuppressesTheLibrarysOwnRetry() {
    Pool pool = new Pool(p -> p.nextUpstream(EnumSet.noneOf(FailureKind.class), false));
    assertFalse(fail(pool, "GET", true, true));
    assertSame(Reason.OFF, pool.attempts.get(1).retry);
  }

  @Test
  void anAnsweredRequestIsRepeatedForAListedStatusAloneWithTriesLeft() {
    Pool pool = new Pool(p -> p.nextUpstream(EnumSet.of(FailureKind.HTTP_503), false).tries(2));
    assertTrue(repeat(pool, "GET", 503, 1, false));
    assertFalse(repeat(pool, "GET", 503, 2, true));
    assertFalse(repeat(pool, "GET", 429, 1, true));
    assertFalse(repeat(pool, "POST", 503, 1, true));
  }

  @Test
  void withoutAStatedRuleTheLibraryDecidesAboutAStatusButForWhatIsUnsafe() {
    Pool pool = new Pool(p -> p);
    assertTrue(repeat(pool, "GET", 503, 1, true));
    assertFalse(repeat(pool, "GET", 503, 1, false));
    assertFalse(repeat(pool, "POST", 503, 1, true));
    assertTrue(repeat(new Pool(p -> p.mode(Mode.OBSERVE)), "POST", 503, 1, true));
    assertTrue(repeat(new Pool(p -> p.mode(Mode.OFF)), "POST", 503, 1, true));
  }

  private static boolean repeat(
      Pool pool, String method, int status, int attempts, boolean otherwise) {
    return pool.engine.mayRepeat(
        "http", "upstream", 80, method, false, status, attempts, otherwise);
  }

  @Test
  void observingLeavesTheLibraryItsWay() {
    Pool pool = new Pool(p -> p.mode(Mode.OBSERVE).nextUpstream(ERROR_TIMEOUT, false));
    assertTrue(fail(pool, "POST", true, true));
    assertFalse(fail(pool, "GET", true, false));
    assertEquals(1, pool.upstream().wouldHave(Reason.NON_IDEMPOTENT));
    assertEquals(1, pool.upstream().wouldHave(Reason.STALE));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1_100, 20_000})
  void theLibraryMayTakeItsTimeToAskAndIsHeldToThePolicyAllTheSame(long millis) {
    for (String method : new String[] {"GET", "POST"}) {
      Pool pool = new Pool(p -> p.nextUpstream(ERROR_TIMEOUT, false));
      Object connection = pool.parked();
      assertTrue(pool.engine.mayLease(connection, method));
      Object exchange = pool.send(connection, method);
      pool.engine.failed(exchange, Pool.reset());
      pool.engine.closed(connection, true);
      pool.pass(millis);
      pool.sweep.run(pool.now);
      pool.sweep.run(pool.now);
      assertEquals(method.equals("GET"), pool.engine.mayRetry(exchange, true, true));
      assertEquals(2, pool.attempts.size(), "it is reported once");
      assertEquals(method.equals("POST"), pool.engine.mayReuse(exchange));
      pool.pass(30_000);
      pool.sweep.run(pool.now);
      assertEquals(2, pool.attempts.size());
    }
  }

  @Test
  void theRetryNeedsAFreshConnectionAndIsTiedToTheFirstAttempt() {
    Pool pool = new Pool(p -> p.nextUpstream(ERROR_TIMEOUT, false));
    Object connection = pool.parked();
    assertTrue(pool.engine.mayLease(connection, "GET"));
    Object exchange = pool.send(connection, "GET");
    assertTrue(pool.engine.mayReuse(exchange));
    pool.engine.failed(exchange, Pool.reset());
    pool.engine.closed(connection, true);
    assertTrue(pool.engine.mayRetry(exchange, true, false));
    assertFalse(pool.engine.mayReuse(exchange));
    assertTrue(pool.engine.mayReuse(new Object()));
    Object fresh = pool.open();
    pool.send(fresh, exchange, "GET");
    assertTrue(pool.engine.mayReuse(exchange));
    pool.respond(fresh);
    assertTrue(pool.engine.mayPark(fresh, null));
    Attempt failed = pool.attempts.get(1);
    Attempt repeated = pool.attempts.get(2);
    assertEquals("connection_reset", failed.errorType);
    assertTrue(failed.reused);
    assertEquals(failed.id, repeated.retryOf);
    assertEquals(1, repeated.resendCount);
    assertFalse(repeated.reused);
    assertNull(repeated.errorType);
    assertEquals(3, pool.attempts.size());
  }

  @Test
  void aFailureOnAFreshConnectionUsesUpATry() {
    Pool pool = new Pool(p -> p.nextUpstream(ERROR_TIMEOUT, false).tries(2));
    Object exchange = new Object();
    pool.send(pool.open(), exchange, "GET");
    pool.engine.failed(exchange, Pool.reset());
    assertTrue(pool.engine.mayRetry(exchange, true, false));
    pool.send(pool.open(), exchange, "GET");
    pool.engine.failed(exchange, Pool.reset());
    assertFalse(pool.engine.mayRetry(exchange, true, false));
    assertEquals(1, pool.count(Reason.TRIES));
  }

  @Test
  void aStaleFailureUsesUpNone() {
    Pool pool = new Pool(p -> p.nextUpstream(ERROR_TIMEOUT, false).tries(1));
    assertTrue(fail(pool, "GET", true, false));
    assertSame(Reason.STALE, pool.attempts.get(1).retry);
  }

  @Test
  void aSilentUpstreamIsNoStaleConnection() {
    Pool pool = new Pool(p -> p.nextUpstream(ERROR_TIMEOUT, false).tries(2));
    Object sibling = pool.parked();
    Object connection = pool.parked();
    assertTrue(pool.engine.mayLease(connection, "GET"));
    Object exchange = pool.send(connection, "GET");
    pool.engine.failed(exchange, new SocketTimeoutException("Read timed out"));
    assertTrue(pool.engine.mayRetry(exchange, true, false));
    assertTrue(pool.engine.mayLease(sibling, "GET"));
    assertEquals("read_timeout", pool.attempts.get(2).errorType);
  }

  @Test
  void thereIsATimeForRetries() {
    Pool pool = new Pool(p -> p.nextUpstream(ERROR_TIMEOUT, false).retryNanos(SECONDS.toNanos(5)));
    Object connection = pool.parked();
    assertTrue(pool.engine.mayLease(connection, "GET"));
    Object exchange = pool.send(connection, "GET");
    pool.pass(5_000);
    pool.engine.failed(exchange, Pool.reset());
    assertFalse(pool.engine.mayRetry(exchange, true, false));
    assertEquals(1, pool.count(Reason.TIMEOUT));
  }

  @Test
  void aFailureThatNobodyAsksAboutIsReportedByTheSweep() {
    Pool pool = new Pool(p -> p);
    Object connection = pool.parked();
    assertTrue(pool.engine.mayLease(connection, "GET"));
    pool.engine.failed(pool.send(connection, "GET"), Pool.reset());
    pool.engine.closed(connection, true);
    pool.sweep.run(pool.now);
    assertEquals(1, pool.attempts.size());
    pool.pass(1_000);
    pool.sweep.run(pool.now);
    assertEquals(2, pool.attempts.size());
    assertNull(pool.attempts.get(1).retry);
    assertEquals("connection_reset", pool.attempts.get(1).errorType);
  }

  /** Lets a request die on a reused connection; what the engine says of a retry. */
  private static boolean fail(Pool pool, String method, boolean replayable, boolean otherwise) {
    Object connection = pool.parked();
    assertTrue(pool.engine.mayLease(connection, method));
    Object exchange = pool.send(connection, method);
    pool.pass(1);
    pool.engine.failed(exchange, Pool.reset());
    return pool.engine.mayRetry(exchange, replayable, otherwise);
  }
}
