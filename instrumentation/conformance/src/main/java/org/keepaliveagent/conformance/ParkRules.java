package org.keepaliveagent.conformance;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keepaliveagent.policy.Policy;

/** P: when a connection may wait idle, and for how long. */
abstract class ParkRules extends LeaseRules {
  ParkRules(Subject subject) {
    super(subject);
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
    await(
        () -> "two stay; " + standing(under),
        () -> {
          under.sweep();
          return upstream.openAndUsed() == 2 && under.idle() == 2;
        });
    int opened = upstream.accepted();
    send("GET");
    assertOpened(opened);
    assertEquals(5, under.created(), "connections that the agent counts");
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
    assertConnection(2, send("GET"));
  }

  @Test
  void P3_anHttp10ResponseEndsItsConnection() throws Exception {
    skipIfUntested("P3 HTTP/1.0");
    upstream.script((connection, request) -> Cue.ANSWER_HTTP_1_0);
    under(p -> p);
    send("GET");
    await("it is closed", () -> upstream.open() == 0);
    assertConnection(2, send("GET"));
  }

  @Test
  void P3_anUnframedBodyEndsItsConnection() throws Exception {
    upstream.script((connection, request) -> Cue.ANSWER_UNFRAMED);
    AgentUnderTest under = under(p -> p);
    assertConnection(1, send("GET"));
    assertConnection(2, send("GET"));
    await("none is idle", () -> under.idle() == 0);
  }

  @Test
  void P4_theSweepClosesWithoutAnotherRequest() throws Exception {
    AgentUnderTest under = under(p -> p.idleNanos(SECONDS.toNanos(10)));
    send("GET");
    under.pass(10_000);
    under.sweep();
    assertEquals(1, upstream.open(), "connections open at the limit itself, a grace too early");
    under.pass(300);
    under.sweep();
    await("the upstream sees our FIN", () -> upstream.open() == 0);
    under.pass(3_600_000);
    under.sweep();
    assertConnection(2, send("GET"));
    assertEquals(2, under.created(), "connections that the agent counts");
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
    assertExecutedOnce();
  }

  @Test
  void P3_aBodyThatWasAnsweredBeforeItWasSentEndsItsConnection() throws Exception {
    upstream.script((c, request) -> c == 1 ? Cue.ANSWER_EARLY : Cue.ANSWER);
    under(p -> p.nextUpstream(ERROR, false));
    String large = "x".repeat(20_000_000);
    try {
      assertConnection(1, client.send("POST", large, Map.of("X-Request-Id", "early")));
    } catch (IOException alsoRight) {
      // the answer may be lost with the connection, and must not be asked for again
    }
    assertEquals(1, upstream.executions("early"), "executions of the request");
    assertConnection(2, send("GET"));
  }

  @Test
  void P3_aResponseInChunksWithATrailerKeepsItsConnection() throws Exception {
    upstream.script((connection, request) -> Cue.ANSWER_CHUNKED);
    under(p -> p);
    for (int i = 1; i <= 3; i++) {
      assertEquals(new Reply(200, 1, i), send("GET"));
    }
  }

  @Test
  void P5_aReloadedPolicyActsOnParkedConnections() throws Exception {
    AgentUnderTest under = under(p -> p);
    send("GET");
    under.pass(5_000);
    under.reload(Policy.builder("test").idleNanos(SECONDS.toNanos(2)).build());
    under.sweep();
    await("it is closed", () -> upstream.open() == 0);
    assertConnection(2, send("GET"));
    under.reload(Policy.builder("test").maxRequests(2).build());
    assertEquals(new Reply(200, 2, 2), send("GET"));
    assertEquals(new Reply(200, 3, 1), send("GET"));
  }

  @Test
  void P6_keepaliveCountsOverTwoPoolsOfOneLibrary() throws Exception {
    AgentUnderTest under = under(p -> p.maxIdle(3));
    ClientDriver other = newClient();
    burst(client, 3);
    burst(other, 3);
    await(
        () -> "three stay of both pools together; " + standing(under),
        () -> {
          under.sweep();
          return upstream.openAndUsed() == 3 && under.idle() == 3;
        });
  }

  @Test
  void P6_keepaliveCountsInEachPoolWhereThePolicySaysSo() throws Exception {
    String reason = client.sharesPool();
    Assumptions.assumeTrue(reason == null, () -> reason);
    AgentUnderTest under = under(p -> p.maxIdle(2).scope(Policy.Scope.POOL));
    ClientDriver other = newClient();
    burst(client, 3);
    burst(other, 3);
    await("all are idle", () -> under.idle() == 6);
    await(
        () -> "two stay of each pool; " + standing(under),
        () -> {
          under.sweep();
          return upstream.openAndUsed() == 4 && under.idle() == 4;
        });
  }

  private String standing(AgentUnderTest under) {
    return "%d of %d are open, %d of them used, %d of %d that are known idle"
        .formatted(
            upstream.open(),
            upstream.accepted(),
            upstream.openAndUsed(),
            under.idle(),
            under.created());
  }
}
