package org.keepaliveagent.conformance;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.keepaliveagent.policy.Mode;
import org.keepaliveagent.policy.Policy;
import org.keepaliveagent.policy.Reason;

/**
 * The rules by their numbers, one test each, over all subjects of an adapter. An adapter extends
 * this class and gives a static method {@code subjects}; it is supported when all pass. What a
 * library cannot show is skipped with the driver's reason.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("subjects")
public abstract class ConformanceRules extends TelemetryRules {
  protected ConformanceRules(Subject subject) {
    super(subject);
  }

  /** Requests of each thread of the test under load; more where it is run by hand. */
  private static final int EACH = Integer.getInteger("keepalive.stress", 20);

  /** So many requests the upstream serves until it closes a connection of its own accord. */
  private static final int BETWEEN_CLOSES = 5;

  @Test
  void F1_aFaultInEveryHookLeavesTheApplicationAsItWas() throws IOException {
    AgentUnderTest under = faulty();
    for (int i = 1; i <= 30; i++) {
      assertEquals(new Reply(200, 1, i), send(i % 2 == 0 ? "POST" : "GET"));
    }
    assertTrue(under.faultsCounted() >= 10, "only " + under.faultsCounted() + " faults");
  }

  @Test
  void F2_anObservingAgentChangesNothingAndCountsWhatItWouldHaveDone() throws IOException {
    AgentUnderTest under =
        under(
            p ->
                p.mode(Mode.OBSERVE)
                    .idleNanos(SECONDS.toNanos(1))
                    .maxRequests(2)
                    .removeHeader("X-Kept")
                    .header("X-New", "1"));
    for (int i = 1; i <= 5; i++) {
      client.send("GET", null, Map.of("X-Kept", "1"));
      under.pass(2_000);
    }
    assertOpened(1);
    for (String head : upstream.heads()) {
      assertTrue(head.contains("X-Kept: 1\r\n"), () -> "X-Kept did not cross: " + head);
      assertFalse(head.contains("X-New"), () -> "X-New was added: " + head);
    }
    assertTrue(
        under.upstreams().iterator().next().wouldHave(Reason.IDLE_TIMEOUT) > 0,
        "nothing was counted");
  }

  /** Neither saves the agent a request then, nor forbids the library to repeat one. */
  @ParameterizedTest
  @EnumSource(
      value = Death.class,
      names = {"IDLE_FIN", "FIN"})
  void F2_anObservingAgentLeavesWhatDiesToTheLibrary(Death death) throws Exception {
    for (String method : death.methods()) {
      String without = outcome(death, method);
      AgentUnderTest under = under(p -> p.mode(Mode.OBSERVE).nextUpstream(ERROR, false));
      String observed = outcome(death, method);
      under.close();
      assertEquals(without, observed, () -> method + ", as without the agent");
    }
  }

  @Test
  void F3_switchedOffItLeavesTheApplicationAsItWas() throws IOException {
    AgentUnderTest under = under(p -> p.maxRequests(2));
    assertEquals(new Reply(200, 1, 1), send("GET"));
    under.close();
    for (int i = 2; i <= 5; i++) {
      assertEquals(new Reply(200, 1, i), send("GET"));
    }
  }

  /** Of 64 threads, with an upstream that fails at random, sweeps and reloads all the while. */
  @Test
  @Timeout(180)
  void L10_P7_R14_underLoadNothingIsLostLeakedOrSentTwice() throws Exception {
    AgentUnderTest under = under(p -> p.nextUpstream(ERROR, false));
    long seed = System.nanoTime();
    upstream.script((connection, request) -> misbehaviour(seed, connection, request));
    ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    AtomicInteger answered = new AtomicInteger();
    AtomicInteger failed = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(ClientDriver.POOL);
    List<Future<?>> all = new ArrayList<>();
    for (int t = 0; t < ClientDriver.POOL; t++) {
      String thread = "t" + t;
      Random choice = new Random(seed + t);
      all.add(
          threads.submit(
              () -> {
                for (int i = 0; i < EACH; i++) {
                  String method = List.of("GET", "GET", "PUT", "POST").get(choice.nextInt(4));
                  String id = method + "-" + thread + "-" + i;
                  String body = method.equals("GET") ? null : "hello";
                  try {
                    Reply reply = client.send(method, body, Map.of("X-Request-Id", id));
                    answered.incrementAndGet();
                    if (!upstream.gave(id, reply)) {
                      wrong.add(id + " got the answer of another request: " + reply);
                    }
                  } catch (IOException reported) {
                    failed.incrementAndGet();
                  } catch (RuntimeException e) {
                    wrong.add(id + " ended with " + e);
                  }
                  if (method.equals("POST") && upstream.executions(id) > 1) {
                    wrong.add(id + " was executed " + upstream.executions(id) + " times");
                  }
                }
              }));
    }
    disturbWhile(under, all, new Random(seed));
    for (Future<?> one : all) {
      one.get();
    }
    threads.shutdown();
    String seen = "seed " + seed + ", " + answered + " answered, " + failed + " failed";
    assertTrue(wrong.isEmpty(), () -> wrong.size() + " wrong, " + wrong.peek() + "; " + seen);
    assertEquals(
        ClientDriver.POOL * EACH, answered.get() + failed.get(), "requests that ended; " + seen);
    assertTrue(answered.get() > failed.get(), "most requests failed: " + seen);

    if (client.untested("L4") != null) {
      // Nobody refuses what is still being closed, so that none of it may be left.
      empty(under, seen);
    }
    under.reload(Policy.builder("calm").idleNanos(SECONDS.toNanos(3600)).build());
    burst(ClientDriver.POOL);
    under.sweep();
    await("what is open is what is idle; " + seen, () -> upstream.open() == under.idle());
    empty(under, seen);
  }

  private void empty(AgentUnderTest under, String seen) throws InterruptedException {
    under.reload(Policy.builder("empty").maxIdle(0).build());
    await(
        "nothing is open; " + seen,
        () -> {
          under.sweep();
          return upstream.open() == 0 && under.idle() == 0;
        });
  }

  private void disturbWhile(AgentUnderTest under, List<Future<?>> running, Random choice)
      throws Exception {
    int closedAt = 0;
    for (int i = 0; running.stream().anyMatch(one -> !one.isDone()); i++) {
      Thread.sleep(2);
      under.pass(choice.nextInt(200));
      under.sweep();
      // By what was served and not by the clock, which a busy machine gets little done by.
      if (upstream.requests() - closedAt >= BETWEEN_CLOSES) {
        closedAt = upstream.requests();
        upstream.closeAny(choice, i % 2 == 0);
      }
      if (i % 5 == 0) {
        Policy.Builder next = Policy.builder("reload").nextUpstream(ERROR, false);
        next.idleNanos(MILLISECONDS.toNanos(500 + choice.nextInt(5000)));
        next.maxIdle(1 + choice.nextInt(64)).maxRequests(1 + choice.nextInt(10));
        under.reload(next.build());
      }
    }
  }

  /** What the upstream does with a request: mostly what it should. */
  private static Cue misbehaviour(long seed, int connection, int request) {
    int chance = new Random(seed ^ (connection * 1_000_003L + request)).nextInt(100);
    if (chance < 3) {
      return Cue.CLOSE;
    } else if (chance < 6) {
      return Cue.RESET;
    } else if (chance < 8) {
      return Cue.EXECUTE_AND_CLOSE;
    } else if (chance < 9) {
      return Cue.ANSWER_IN_PART;
    } else if (chance < 10) {
      return Cue.ANSWER_HALF_BODY;
    } else if (chance < 12) {
      return Cue.ANSWER_UNFRAMED;
    } else if (chance < 14) {
      return Cue.ANSWER_HTTP_1_0;
    } else if (chance < 18) {
      return Cue.ANSWER_LATER;
    }
    return Cue.ANSWER;
  }
}
