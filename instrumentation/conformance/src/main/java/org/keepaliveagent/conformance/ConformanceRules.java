package org.keepaliveagent.conformance;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keepaliveagent.policy.FailureKind;
import org.keepaliveagent.policy.Policy;

/**
 * The rules by their numbers, one test each. An adapter extends this class and gives a driver; it
 * is supported when all pass. What a library cannot show is skipped with the driver's reason.
 */
@Timeout(60)
public abstract class ConformanceRules {
  private static final EnumSet<FailureKind> ERROR = EnumSet.of(FailureKind.ERROR);

  private final AtomicInteger ids = new AtomicInteger();
  private ScriptedUpstream upstream;
  private ClientDriver client;
  private @Nullable AgentUnderTest agent;

  /** A new upstream; the rules close it. */
  protected ScriptedUpstream newUpstream() throws IOException {
    return ScriptedUpstream.start();
  }

  /** A new client; the rules close it. */
  protected abstract ClientDriver newClient(ScriptedUpstream upstream) throws IOException;

  @BeforeEach
  void start() throws IOException {
    upstream = newUpstream();
    client = newClient(upstream);
  }

  @AfterEach
  void stop() throws IOException {
    List<String> faults = agent == null ? List.of() : agent.faults();
    if (agent != null) {
      agent.close();
    }
    client.close();
    upstream.close();
    assertEquals(List.of(), faults, "faults of the agent");
  }

  @Test
  void L1_backToBackRequestsUseOneConnection() throws IOException {
    under(p -> p.idleNanos(SECONDS.toNanos(10)).maxIdle(4));
    for (int i = 1; i <= 10; i++) {
      Reply reply = send(i % 2 == 0 ? "POST" : "GET");
      assertEquals(new Reply(200, 1, i), reply);
    }
    assertEquals(1, upstream.accepted());
  }

  @Test
  void L2_aConnectionIdleForLongerThanTheTimeoutIsNotLeased() throws Exception {
    AgentUnderTest under = under(p -> p.idleNanos(SECONDS.toNanos(10)));
    send("GET");
    under.pass(9_000);
    assertEquals(1, send("GET").connection());
    under.pass(10_000);
    assertEquals(2, send("GET").connection());
    await("the refused connection is closed", () -> upstream.open() == 1);
  }

  @Test
  void L3_aConnectionOlderThanItsTimeIsNotLeased() throws Exception {
    AgentUnderTest under = under(p -> p.maxAgeNanos(SECONDS.toNanos(100)));
    send("GET");
    under.pass(89_000);
    assertEquals(1, send("GET").connection());
    under.pass(11_000);
    assertEquals(2, send("GET").connection());
    await("the refused connection is closed", () -> upstream.open() == 1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void L4_aConnectionThatThePeerEndedWhileIdleIsNotLeased(boolean reset) throws Exception {
    skipIfUntested("L4");
    AgentUnderTest under = under(p -> p);
    for (int i = 1; i <= 5; i++) {
      assertEquals(i, send(i % 2 == 0 ? "POST" : "GET").connection());
      assertEquals(1, under.idle());
      upstream.closeIdle(reset);
      awaitHeard(under);
    }
    assertEquals(1, upstream.mostExecutions());
  }

  @Test
  void L5_aConnectionWithStrayBytesWhileIdleIsNotLeased() throws Exception {
    skipIfUntested("L5");
    AgentUnderTest under = under(p -> p);
    send("GET");
    upstream.sendStrayBytes();
    if (client.listensWhileIdle()) {
      await("the agent hears of it", () -> under.idle() == 0);
    }
    assertEquals(2, send("GET").connection());
    await("the spoilt connection is closed", () -> upstream.open() == 1);
  }

  @Test
  void L6_anAdvertisedTimeoutIsObeyedLessTheMargin() throws IOException {
    upstream.respondWith("Keep-Alive: timeout=5, max=100");
    AgentUnderTest under = under(p -> p);
    send("GET");
    under.pass(4_400);
    assertEquals(1, send("GET").connection());
    under.pass(4_500);
    assertEquals(2, send("GET").connection());
  }

  @Test
  void L6_anAdvertisedMaxIsExactlyThatManyRequests() throws IOException {
    upstream.respondWith("Keep-Alive: max=3");
    under(p -> p);
    for (int i = 0; i < 7; i++) {
      assertEquals(new Reply(200, 1 + i / 3, 1 + i % 3), send("GET"));
    }
  }

  @Test
  void L6_garbageInKeepAliveIsIgnored() throws IOException {
    upstream.respondWith("Keep-Alive: timeout=soon, max=-1; x");
    AgentUnderTest under = under(p -> p);
    for (int i = 1; i <= 5; i++) {
      assertEquals(new Reply(200, 1, i), send("GET"));
      under.pass(60_000);
    }
  }

  @Test
  void L7_aTimeoutIsLearnedFromThePeersClosesAndForgotten() throws Exception {
    skipIfUntested("L7");
    AgentUnderTest under = under(p -> p);
    for (int i = 0; i < 3; i++) {
      send("GET");
      under.pass(2_000);
      upstream.closeIdle(false);
      awaitHeard(under);
      if (client.listensWhileIdle()) {
        under.pass(5_000);
      }
    }
    int connection = send("GET").connection();
    under.pass(1_300);
    assertEquals(connection, send("GET").connection());
    // A tenth of a second more than the limit: real time passed until the closes were noticed.
    under.pass(1_600);
    assertNotEquals(connection, send("GET").connection());
    under.pass(3 * 3_600_000L);
    connection = send("GET").connection();
    under.pass(60_000);
    assertEquals(connection, send("GET").connection(), "the limit was not forgotten");
  }

  @Test
  void L8_aPostGetsNoConnectionThatIdledForMoreThanItsShare() throws IOException {
    AgentUnderTest under = under(p -> p.idleNanos(SECONDS.toNanos(10)));
    send("GET");
    under.pass(4_900);
    assertEquals(1, send("POST").connection());
    under.pass(5_100);
    assertEquals(2, send("POST").connection());
    under.pass(5_100);
    assertEquals(2, send("GET").connection());
  }

  @Test
  void P1_aConnectionCarriesExactlyAsManyRequestsAsAllowed() throws Exception {
    under(p -> p.maxRequests(3));
    for (int i = 0; i < 9; i++) {
      assertEquals(new Reply(200, 1 + i / 3, 1 + i % 3), send("GET"));
    }
    await("full connections are closed", () -> upstream.open() == 0);
  }

  @Test
  void P2_afterABurstAsManyStayAsAllowed() throws Exception {
    AgentUnderTest under = under(p -> p.maxIdle(2));
    parkInTurn(under, 5);
    under.sweep();
    await("two stay", () -> upstream.open() == 2);
    assertEquals(2, under.idle());
    send("GET");
    assertEquals(5, upstream.accepted());
  }

  @Test
  void P2_keepaliveOffKeepsNone() throws Exception {
    under(p -> p.maxIdle(0));
    for (int i = 1; i <= 3; i++) {
      assertEquals(new Reply(200, i, 1), send("GET"));
    }
    await("none stays", () -> upstream.open() == 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"close", "Close", "keep-alive, close"})
  void P3_aResponseThatAsksForItEndsItsConnection(String value) throws Exception {
    upstream.respondWith("Connection: " + value);
    under(p -> p);
    send("GET");
    await("it is closed", () -> upstream.open() == 0);
    assertEquals(2, send("GET").connection());
  }

  @Test
  void P3_anHttp10ResponseEndsItsConnection() throws Exception {
    skipIfUntested("P3 HTTP/1.0");
    upstream.script((connection, request) -> Cue.ANSWER_HTTP_1_0);
    under(p -> p);
    send("GET");
    await("it is closed", () -> upstream.open() == 0);
    assertEquals(2, send("GET").connection());
  }

  @Test
  void P3_anUnframedBodyEndsItsConnection() throws Exception {
    upstream.script((connection, request) -> Cue.ANSWER_UNFRAMED);
    AgentUnderTest under = under(p -> p);
    assertEquals(1, send("GET").connection());
    assertEquals(2, send("GET").connection());
    await("none is idle", () -> under.idle() == 0);
  }

  @Test
  void P4_theSweepClosesWithoutAnotherRequest() throws Exception {
    AgentUnderTest under = under(p -> p.idleNanos(SECONDS.toNanos(10)));
    send("GET");
    under.pass(10_000);
    under.sweep();
    assertEquals(1, upstream.open(), "closed at the limit itself, and not a grace later");
    under.pass(300);
    under.sweep();
    await("the upstream sees our FIN", () -> upstream.open() == 0);
    assertEquals(2, send("GET").connection());
  }

  @Test
  void P7_thePoolsBooksStayRightAfterEveryKindOfEviction() throws Exception {
    AgentUnderTest under = under(p -> p.idleNanos(SECONDS.toNanos(10)).maxIdle(3));
    for (int round = 0; round < 5; round++) {
      burst(6);
      under.sweep();
      under.pass(5_000);
      burst(3);
      under.pass(10_300);
      if (round % 2 == 0) {
        under.sweep();
      }
      send("GET");
    }
    under.sweep();
    await("what is open is what is idle", () -> upstream.open() == under.idle());
    assertEquals(1, upstream.mostExecutions());
  }

  @ParameterizedTest
  @ValueSource(strings = {"CLOSE", "RESET"})
  void R1_aGetOnAStaleConnectionSucceedsOnAFreshOne(Cue death) throws IOException {
    upstream.script((connection, request) -> request == 1 ? Cue.ANSWER : death);
    AgentUnderTest under = under(p -> p.nextUpstream(ERROR, false));
    send("GET");
    assertEquals(new Reply(200, 2, 1), send("GET"));
    assertEquals(3, upstream.requests());
    assertEquals(1, upstream.mostExecutions());
    assertEquals(1, under.attempts().stream().filter(attempt -> attempt.resendCount == 1).count());
  }

  @ParameterizedTest
  @ValueSource(strings = {"CLOSE", "RESET"})
  void R2_aPostOnAStaleConnectionIsNotSentAgain(Cue death) throws IOException {
    upstream.script((connection, request) -> request == 1 ? Cue.ANSWER : death);
    under(p -> p.nextUpstream(ERROR, false));
    send("GET");
    assertThrows(IOException.class, () -> send("POST"));
    assertEquals(2, upstream.requests());
  }

  @Test
  void R2_withoutAnyRetryRuleAPostIsNotSentAgainEither() throws IOException {
    upstream.script((connection, request) -> request == 1 ? Cue.ANSWER : Cue.CLOSE);
    under(p -> p);
    send("GET");
    assertThrows(IOException.class, () -> send("POST"));
    assertEquals(2, upstream.requests());
  }

  @Test
  void R2_aPostThatDiesWhileItIsWrittenIsNotSentAgain() throws IOException {
    upstream.script((connection, request) -> request == 1 ? Cue.ANSWER : Cue.RESET_BEFORE_BODY);
    under(p -> p.nextUpstream(ERROR, false));
    send("GET");
    String large = "x".repeat(20_000_000);
    assertThrows(IOException.class, () -> client.send("POST", large, Map.of()));
    assertEquals(2, upstream.requests());
  }

  @ParameterizedTest
  @ValueSource(strings = {"CLOSE", "RESET"})
  void R3_withNonIdempotentAPostIsSentAgain(Cue death) throws IOException {
    upstream.script((connection, request) -> request == 1 ? Cue.ANSWER : death);
    under(p -> p.nextUpstream(ERROR, true));
    send("GET");
    assertEquals(new Reply(200, 2, 1), send("POST"));
    assertEquals(3, upstream.requests());
  }

  @Test
  void R5_afterTheFirstByteOfAResponseNothingIsSentAgain() throws IOException {
    skipIfUntested("R5 part of a head");
    upstream.script((connection, request) -> request == 1 ? Cue.ANSWER : Cue.ANSWER_IN_PART);
    under(p -> p.nextUpstream(ERROR, true));
    send("GET");
    assertThrows(IOException.class, () -> send("GET"));
    assertEquals(2, upstream.requests());
  }

  @Test
  void R7_offForbidsTheLibrarysOwnRetryToo() throws IOException {
    upstream.script((connection, request) -> request == 1 ? Cue.ANSWER : Cue.CLOSE);
    under(p -> p.nextUpstream(EnumSet.noneOf(FailureKind.class), false));
    send("GET");
    assertThrows(IOException.class, () -> send("GET"));
    assertEquals(2, upstream.requests());
  }

  @Test
  void R10_fiveStaleSiblingsMakeOneRetry() throws Exception {
    AgentUnderTest under = under(p -> p.nextUpstream(ERROR, false));
    fiveStale(under);
    assertEquals(new Reply(200, 6, 1), send("GET"));
    assertEquals(7, upstream.requests());
  }

  @Test
  void R10_whatWasParkedNoLaterThanAStaleConnectionIsClosed() throws Exception {
    skipIfUntested("R10 siblings");
    AgentUnderTest under = under(p -> p.nextUpstream(ERROR, false));
    fiveStale(under);
    send("GET");
    under.sweep();
    await("the siblings are closed", () -> upstream.open() == 1);
  }

  /** Five parked connections that the upstream closes at their next request. */
  private void fiveStale(AgentUnderTest under) throws Exception {
    parkInTurn(under, 5);
    upstream.script((connection, request) -> connection > 5 ? Cue.ANSWER : Cue.CLOSE);
  }

  @Test
  void H1_hopByHopAndNominatedHeadersDoNotCross() throws IOException {
    under(p -> p.removeHeader("Connection"));
    client.send("GET", null, Map.of("X-Request-Id", "h1", "Keep-Alive", "300", "X-Kept", "1"));
    String head = upstream.heads().get(0).toLowerCase(Locale.ROOT);
    assertTrue(head.contains("\r\nx-kept: 1\r\n"), head);
    assertTrue(head.contains("\r\nhost: "), head);
    for (String name : List.of("connection", "keep-alive", "upgrade", "http2-settings", "te")) {
      assertTrue(!head.contains("\r\n" + name + ":"), head);
    }
  }

  private AgentUnderTest under(UnaryOperator<Policy.Builder> policy) {
    agent = AgentUnderTest.with(policy.apply(Policy.builder("test")).build());
    return agent;
  }

  private Reply send(String method) throws IOException {
    return client.send(
        method,
        method.equals("POST") ? "hello" : null,
        Map.of("X-Request-Id", String.valueOf(ids.incrementAndGet())));
  }

  /**
   * So many connections, parked one after the other: in the order in which the agent's clock and
   * the library's pool see them, which a burst alone does not ensure.
   */
  private void parkInTurn(AgentUnderTest under, int connections) throws InterruptedException {
    upstream.together(connections);
    upstream.script((connection, request) -> Cue.ANSWER_IN_TURN);
    AtomicInteger answered = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(connections);
    try {
      for (int i = 0; i < connections; i++) {
        threads.execute(
            () -> {
              try {
                send("GET");
                answered.incrementAndGet();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
      }
      for (int i = 1; i <= connections; i++) {
        int parked = i;
        upstream.nextTurn();
        await("one more is idle", () -> answered.get() == parked && under.idle() == parked);
      }
    } finally {
      threads.shutdownNow();
      upstream.script((connection, request) -> Cue.ANSWER);
    }
  }

  /** As many requests at a time, so that each has a connection of its own. */
  private void burst(int requests) throws Exception {
    upstream.together(requests);
    upstream.script((connection, request) -> Cue.ANSWER_TOGETHER);
    ExecutorService threads = Executors.newFixedThreadPool(requests);
    try {
      List<Callable<Reply>> all = new ArrayList<>();
      for (int i = 0; i < requests; i++) {
        all.add(() -> send("GET"));
      }
      for (Future<Reply> reply : threads.invokeAll(all)) {
        assertEquals(200, reply.get().status());
      }
    } finally {
      threads.shutdownNow();
      upstream.script((connection, request) -> Cue.ANSWER);
    }
  }

  /** After {@code closeIdle}: until the agent knows, or could know if it looked. */
  private void awaitHeard(AgentUnderTest under) throws InterruptedException {
    await("the upstream's sockets are gone", () -> upstream.open() == 0);
    if (client.listensWhileIdle()) {
      await("the agent hears of it", () -> under.idle() == 0);
    }
  }

  private void skipIfUntested(String rule) {
    String reason = client.untested(rule);
    Assumptions.assumeTrue(reason == null, () -> rule + " untested: " + reason);
  }

  private static void await(String what, BooleanSupplier holds) throws InterruptedException {
    long deadline = System.nanoTime() + SECONDS.toNanos(10);
    while (!holds.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "waited in vain until " + what);
      Thread.sleep(2);
    }
  }
}
