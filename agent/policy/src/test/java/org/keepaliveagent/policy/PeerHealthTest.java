package org.keepaliveagent.policy;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import org.junit.jupiter.api.Test;

/** Which peer may be chosen: nginx's {@code max_fails}, and the probes of {@code health_check}. */
class PeerHealthTest {
  private static final HealthCheck PROBED =
      new HealthCheck("/healthz", SECONDS.toNanos(5), /* fails= */ 3, /* passes= */ 2);

  @Test
  void aPeerThatFailedMaxFailsTimesIsLeftOutAndAskedOnceAWindow() {
    Pool pool = failing(2);
    assertTrue(chosen(pool));
    pool.engine.unreachable("http", "upstream", 80);
    assertTrue(chosen(pool));
    pool.engine.unreachable("http", "upstream", 80);
    assertFalse(chosen(pool));
    pool.pass(10_000);
    assertFalse(chosen(pool), "fail_timeout is not over while it equals the time that passed");
    pool.pass(1);
    assertTrue(chosen(pool), "one request sees whether it still fails");
    assertFalse(chosen(pool), "and only one");
    pool.pass(10_001);
    assertTrue(chosen(pool));
    assertEquals(2, pool.count(Reason.MAX_FAILS) - 1);
  }

  @Test
  void anAnswerWithinTheWindowForgetsNothingAndOneAfterItForgetsAll() {
    Pool pool = failing(2);
    pool.engine.unreachable("http", "upstream", 80);
    pool.parked();
    assertEquals(1, pool.upstream().health().fails(), "failures are no sliding window");
    pool.pass(10_001);
    assertTrue(chosen(pool));
    pool.parked();
    assertEquals(0, pool.upstream().health().fails());
  }

  @Test
  void aStaleFailureDoesNotCountAgainstThePeerAndOneOnAFreshConnectionDoes() {
    Pool pool = failing(1);
    Object reused = pool.parked();
    pool.pass(10);
    assertTrue(pool.engine.mayLease(reused, "GET"));
    pool.fail(reused, "GET");
    assertTrue(chosen(pool));
    pool.fail(pool.open(), "GET");
    assertFalse(chosen(pool));
  }

  @Test
  void anAnswerThatIsRepeatedCountsAndTheSameAnswerTakenAsItIsDoesNot() {
    Pool pool =
        new Pool(
            p ->
                p.maxFails(1)
                    .failNanos(SECONDS.toNanos(10))
                    .nextUpstream(EnumSet.of(FailureKind.ERROR, FailureKind.HTTP_503), false)
                    .tries(2));
    assertFalse(pool.engine.mayRepeat("http", "upstream", 80, "POST", false, 503, 1, true));
    assertTrue(chosen(pool));
    assertTrue(pool.engine.mayRepeat("http", "upstream", 80, "GET", false, 503, 1, true));
    assertFalse(chosen(pool));
  }

  @Test
  void zeroNeverLeavesAPeerOutWhateverTheLibraryThinks() {
    Pool pool = failing(0);
    for (int i = 0; i < 5; i++) {
      pool.engine.unreachable("http", "upstream", 80);
    }
    assertTrue(pool.engine.mayChoose("http", "upstream", 80, false));
  }

  @Test
  void aPolicyThatSaysNothingLeavesTheChoiceToTheLibrary() {
    Pool pool = new Pool(p -> p);
    pool.engine.unreachable("http", "upstream", 80);
    assertTrue(pool.engine.mayChoose("http", "upstream", 80, true));
    assertFalse(pool.engine.mayChoose("http", "upstream", 80, false));
  }

  @Test
  void aPolicyThatObservesLeavesTheChoiceToTheLibraryAndCounts() {
    Pool pool = new Pool(p -> p.mode(Mode.OBSERVE).maxFails(1).failNanos(SECONDS.toNanos(10)));
    pool.engine.unreachable("http", "upstream", 80);
    assertTrue(chosen(pool));
    assertEquals(1, pool.upstream().wouldHave(Reason.MAX_FAILS));
  }

  @Test
  void probesThatFailCloseWhatIsParkedAndKeepThePeerOutUntilEnoughPass() {
    Pool pool = new Pool(p -> p.healthCheck(PROBED));
    Object parked = pool.parked();
    Upstream peer = pool.upstream();
    assertFalse(pool.engine.probed(peer, false));
    assertFalse(pool.engine.probed(peer, false));
    pool.sweep.run(pool.now);
    assertTrue(chosen(pool));
    assertTrue(pool.evicted.isEmpty());
    assertTrue(pool.engine.probed(peer, false));
    assertFalse(chosen(pool));
    assertFalse(pool.engine.mayLease(parked, "GET"));
    Object later = pool.parked();
    pool.pass(1);
    assertFalse(pool.engine.probed(peer, false));
    pool.sweep.run(pool.now);
    assertEquals(1, pool.evicted.size());
    assertEquals(later, pool.evicted.get(0));
    assertFalse(pool.engine.probed(peer, true));
    assertFalse(pool.engine.probed(peer, false), "passes count in a row");
    assertFalse(pool.engine.probed(peer, true));
    assertTrue(pool.engine.probed(peer, true));
    assertTrue(chosen(pool));
    pool.pass(1);
    Object healthy = pool.parked();
    assertTrue(pool.engine.mayLease(healthy, "GET"));
  }

  private static Pool failing(long maxFails) {
    return new Pool(p -> p.maxFails(maxFails).failNanos(SECONDS.toNanos(10)));
  }

  private static boolean chosen(Pool pool) {
    return pool.engine.mayChoose("http", "upstream", 80, true);
  }
}
