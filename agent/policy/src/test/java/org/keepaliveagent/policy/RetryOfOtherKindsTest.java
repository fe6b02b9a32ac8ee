package org.keepaliveagent.policy;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** May a request go once more that no connection was made for, or that got a listed answer? */
class RetryOfOtherKindsTest {
  private static final EnumSet<FailureKind> ERROR = EnumSet.of(FailureKind.ERROR);
  private static final EnumSet<FailureKind> HTTP_503 = EnumSet.of(FailureKind.HTTP_503);

  private static boolean unreached(Pool pool, Object exchange, Throwable cause, long seconds) {
    return pool.engine.mayRetryUnreached(
        exchange,
        "test",
        "http",
        "upstream",
        80,
        "POST",
        null,
        cause,
        SECONDS.toNanos(seconds),
        true);
  }

  @Test
  void aPostThatNoConnectionWasMadeForGoesOnceMoreWhileTriesAreLeft() {
    Pool pool = new Pool(p -> p.nextUpstream(ERROR, false).tries(2));
    Object exchange = new Object();
    assertTrue(unreached(pool, exchange, new ConnectException("refused"), 0));
    assertFalse(pool.engine.mayReturn(exchange, true));
    assertFalse(pool.engine.mayReuse(exchange));
    assertFalse(unreached(pool, exchange, new ConnectException("refused"), 0));
    assertTrue(pool.engine.mayReuse(exchange));
    assertEquals(2, pool.attempts.size());
    assertTrue(pool.attempts.get(0).retried);
    assertEquals(pool.attempts.get(0).id, pool.attempts.get(1).retryOf);
    assertSame(Reason.TRIES, pool.attempts.get(1).retry);
  }

  @Test
  void itDoesNotWhereThatIsNotListedOrTooLate() {
    Pool pool = new Pool(p -> p.nextUpstream(ERROR, false).tries(2).retryNanos(SECONDS.toNanos(5)));
    assertFalse(unreached(pool, new Object(), new SocketTimeoutException("connect"), 1));
    assertFalse(unreached(pool, new Object(), new ConnectException("refused"), 5));
    assertTrue(unreached(pool, new Object(), new ConnectException("refused"), 4));
    Pool unstated = new Pool(p -> p);
    assertFalse(unreached(unstated, new Object(), new ConnectException("refused"), 0));
    Pool observed = new Pool(p -> p.mode(Mode.OBSERVE).nextUpstream(ERROR, false).tries(2));
    assertFalse(unreached(observed, new Object(), new ConnectException("refused"), 0));
  }

  @Test
  void anUnreachedAttemptAndASentOneAreTwoTries() {
    Pool pool = new Pool(p -> p.nextUpstream(ERROR, true).tries(2));
    Object exchange = new Object();
    assertTrue(unreached(pool, exchange, new ConnectException("refused"), 0));
    pool.send(pool.open(), exchange, "POST");
    pool.engine.failed(exchange, Pool.reset());
    assertFalse(pool.engine.mayRetry(exchange, true, false));
    assertEquals(1, pool.count(Reason.TRIES));
  }

  @Test
  void ofAnAttemptThatWasSentItIsNotSaidThatNoneWasReached() {
    Pool pool = new Pool(p -> p.nextUpstream(ERROR, false).tries(2));
    Object exchange = pool.send(pool.open(), "POST");
    assertFalse(unreached(pool, exchange, new ConnectException("refused"), 0));
  }

  @ParameterizedTest
  @CsvSource({
    "503, GET,  true,  2, true",
    "502, GET,  true,  2, false",
    "503, POST, true,  2, false",
    "503, GET,  false, 2, false",
    "503, GET,  true,  1, false"
  })
  void aListedAnswerIsAskedForAgain(
      int status, String method, boolean replayable, int tries, boolean again) {
    Pool pool = new Pool(p -> p.nextUpstream(HTTP_503, false).tries(tries));
    Object connection = pool.open();
    Object exchange = pool.send(connection, method);
    pool.engine.responding(connection, status, false, null, null);
    assertEquals(again, pool.engine.mayRetryAnswered(connection, exchange, replayable));
    assertEquals(again ? 1 : 0, pool.attempts.size());
    assertEquals(again ? 1 : 0, pool.upstream().health().fails());
    assertEquals(!again, pool.engine.mayReuse(exchange));
  }

  @Test
  void anAnswerOnAReusedConnectionUsesUpATryToo() {
    Pool pool = new Pool(p -> p.nextUpstream(HTTP_503, false).tries(1));
    Object connection = pool.parked();
    assertTrue(pool.engine.mayLease(connection, "GET"));
    Object exchange = pool.send(connection, "GET");
    pool.engine.responding(connection, 503, false, null, null);
    assertFalse(pool.engine.mayRetryAnswered(connection, exchange, true));
  }

  @ParameterizedTest
  @CsvSource({"INVALID_HEADER, true", "ERROR, false"})
  void anUnreadableHeadIsAnotherKindThanAnError(FailureKind listed, boolean again) {
    Pool pool = new Pool(p -> p.nextUpstream(EnumSet.of(listed), false).tries(2));
    Object connection = pool.open();
    Object exchange = pool.send(connection, "GET");
    pool.engine.responseBegun(connection);
    pool.engine.failed(exchange, new ProtocolException("no HTTP response"));
    assertEquals(again, pool.engine.mayRetry(exchange, true, false));
    assertEquals(1, pool.upstream().health().fails());
  }

  @Test
  void afterPartOfAHeadAnErrorIsNotRepeated() {
    Pool pool = new Pool(p -> p.nextUpstream(EnumSet.allOf(FailureKind.class), true).tries(2));
    Object connection = pool.open();
    Object exchange = pool.send(connection, "GET");
    pool.engine.responseBegun(connection);
    pool.engine.failed(exchange, Pool.reset());
    assertFalse(pool.engine.mayRetry(exchange, true, false));
  }
}
