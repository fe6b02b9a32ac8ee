package org.keepaliveagent.conformance;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keepaliveagent.policy.FailureKind;

/** L: when a parked connection may carry another request. */
@ExtendWith(SupportRecorder.class)
abstract class LeaseRules extends RuleTest {
  LeaseRules(Subject subject) {
    super(subject);
  }

  @Test
  void L1_backToBackRequestsUseOneConnection() throws IOException {
    under(p -> p.idleNanos(SECONDS.toNanos(10)).maxIdle(4));
    for (int i = 1; i <= 10; i++) {
      Reply reply = send(i % 2 == 0 ? "POST" : "GET");
      assertEquals(new Reply(200, 1, i), reply);
    }
    assertOpened(1);
  }

  @Test
  void L2_aConnectionIdleForLongerThanTheTimeoutIsNotLeased() throws Exception {
    AgentUnderTest under = under(p -> p.idleNanos(SECONDS.toNanos(10)));
    send("GET");
    under.pass(9_000);
    assertConnection(1, send("GET"));
    under.pass(10_000);
    assertConnection(2, send("GET"));
    await("the refused connection is closed", () -> upstream.open() == 1);
  }

  @Test
  void L3_aConnectionOlderThanItsTimeIsNotLeased() throws Exception {
    AgentUnderTest under = under(p -> p.maxAgeNanos(SECONDS.toNanos(100)));
    send("GET");
    under.pass(80_000);
    assertConnection(1, send("GET"));
    under.pass(20_000);
    assertConnection(2, send("GET"));
    await("the refused connection is closed", () -> upstream.open() == 1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void L4_aConnectionThatThePeerEndedWhileIdleIsNotLeased(boolean reset) throws Exception {
    skipIfUntested("L4");
    AgentUnderTest under = under(p -> p);
    for (int i = 1; i <= 5; i++) {
      assertNew(send(i % 2 == 0 ? "POST" : "GET"));
      assertEquals(1, under.idle(), "connections that the agent takes for parked");
      upstream.closeIdle(reset);
      awaitHeard(under);
    }
    assertExecutedOnce();
  }

  @Test
  void L4_norIsOneThatWasParkedBeforeTheAgentCame() throws Exception {
    skipIfUntested("L4");
    Assumptions.assumeFalse(client.listensWhileIdle(), "the library hears of it by itself");
    send("GET");
    upstream.closeIdle(false);
    await("the upstream's sockets are gone", () -> upstream.open() == 0);
    under(p -> p.nextUpstream(EnumSet.noneOf(FailureKind.class), false));
    assertConnection(2, send("GET"));
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
    assertNew(send("GET"));
    await("the spoilt connection is closed", () -> !upstream.isOpen(1));
  }

  @Test
  void L6_anAdvertisedTimeoutIsObeyedLessTheMargin() throws IOException {
    upstream.respondWith("Keep-Alive: timeout=5, max=100");
    AgentUnderTest under = under(p -> p);
    send("GET");
    under.pass(4_000);
    assertConnection(1, send("GET"));
    under.pass(4_500);
    assertConnection(2, send("GET"));
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
    under.pass(1_000);
    assertConnection(connection, send("GET"));
    // A tenth of a second more than the limit: real time passed until the closes were noticed.
    under.pass(1_600);
    assertNotConnection(connection, send("GET"));
    under.pass(3 * 3_600_000L);
    connection = send("GET").connection();
    under.pass(60_000);
    assertConnection(connection, send("GET"));
  }

  @Test
  void L8_aPostGetsNoConnectionThatIdledForMoreThanItsShare() throws IOException {
    AgentUnderTest under = under(p -> p.idleNanos(SECONDS.toNanos(10)));
    send("GET");
    under.pass(4_000);
    assertConnection(1, send("POST"));
    under.pass(5_100);
    assertConnection(2, send("POST"));
    under.pass(5_100);
    assertConnection(2, send("GET"));
  }

  @Test
  void L9_maxConnsIsNeverExceededAndTheLibraryWaits() throws Exception {
    skipIfUntested("L9");
    under(p -> p.maxConns(2));
    upstream.script((connection, request) -> Cue.ANSWER_LATER);
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<Reply>> replies = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        replies.add(threads.submit(() -> send("GET")));
      }
      for (Future<Reply> reply : replies) {
        assertEquals(200, reply.get().status(), "the status of one of many requests");
      }
    } finally {
      threads.shutdownNow();
    }
    assertTrue(
        upstream.mostAtATime() <= 2,
        () -> "requests that were in progress at a time: " + upstream.mostAtATime());
  }
}
