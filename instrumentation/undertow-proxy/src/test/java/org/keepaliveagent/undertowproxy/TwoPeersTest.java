package org.keepaliveagent.undertowproxy;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import org.keepaliveagent.conformance.AgentUnderTest;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Cue;
import org.keepaliveagent.conformance.LibraryVersion;
import org.keepaliveagent.conformance.ScriptedUpstream;
import org.keepaliveagent.policy.FailureKind;
import org.keepaliveagent.policy.HealthCheck;
import org.keepaliveagent.policy.Policy;

/** R11 to R13, over a balancer with two peers. */
@ParameterizedClass
@ValueSource(strings = {"2.2.0", "2.3.27", "2.4.4"})
@Timeout(60)
class TwoPeersTest {
  private static final EnumSet<FailureKind> ERROR = EnumSet.of(FailureKind.ERROR);

  @Parameter String version;

  private ScriptedUpstream one;
  private ScriptedUpstream other;
  private ClientDriver client;
  private AgentUnderTest agent;

  @BeforeEach
  void start() throws Exception {
    one = ScriptedUpstream.start();
    other = ScriptedUpstream.start();
    client =
        LibraryVersion.of(version)
            .driver(UndertowDriver.class, one.url() + "," + other.url(), null, 4, 0, false);
  }

  @AfterEach
  void stop() throws Exception {
    List<String> faults = agent.faults();
    agent.close();
    client.close();
    one.close();
    other.close();
    assertEquals(List.of(), faults);
  }

  private void under(UnaryOperator<Policy.Builder> policy) {
    agent = AgentUnderTest.with(policy.apply(Policy.builder("test")).build());
  }

  private void getAll(int requests) throws Exception {
    for (int i = 0; i < requests; i++) {
      assertEquals(200, client.send("GET", null, Map.of()).status());
    }
  }

  @Test
  void R11_twoPeersEachWithAStaleConnectionAndNoneIsDisabled() throws Exception {
    under(p -> p.nextUpstream(ERROR, false).maxFails(1).failNanos(SECONDS.toNanos(10)));
    getAll(2);
    assertEquals(2, one.requests() + other.requests());
    assertEquals(1, one.requests());
    one.script((connection, request) -> connection == 1 ? Cue.CLOSE : Cue.ANSWER);
    other.script((connection, request) -> connection == 1 ? Cue.CLOSE : Cue.ANSWER);
    getAll(8);
    // One failure and one repetition to the same peer each, and four of the eight.
    assertEquals(6, one.requests());
    assertEquals(6, other.requests());
    assertEquals(2, one.accepted());
    assertEquals(2, other.accepted());
  }

  @Test
  void R12_aPeerThatFailedTooOftenIsLeftOutAndProbedOnceAWindow() throws Exception {
    under(p -> p.nextUpstream(ERROR, false).tries(2).maxFails(2).failNanos(SECONDS.toNanos(10)));
    one.script((connection, request) -> Cue.CLOSE);
    getAll(10);
    assertEquals(2, one.requests());
    agent.pass(10_100);
    getAll(10);
    assertEquals(3, one.requests());
    agent.pass(10_100);
    one.script((connection, request) -> Cue.ANSWER);
    getAll(10);
    assertTrue(one.requests() > 5, () -> one.requests() + " requests after it recovered");
  }

  @Test
  void R12_aPeerThatCannotBeReachedIsLeftOut() throws Exception {
    under(p -> p.maxFails(1).failNanos(SECONDS.toNanos(10)));
    one.close();
    getAll(10);
    assertEquals(10, other.requests());
  }

  @Test
  void R13_aPeerWhoseProbesFailGetsNoRequests() throws Exception {
    under(p -> p.healthCheck(new HealthCheck("/healthz", 0, 2, 2)));
    getAll(4);
    assertEquals(2, one.requests());
    one.status(503);
    one.script((connection, request) -> Cue.ANSWER_STATUS);
    agent.probe();
    agent.probe();
    int probed = one.requests();
    getAll(6);
    assertEquals(probed, one.requests());
    one.script((connection, request) -> Cue.ANSWER);
    agent.probe();
    agent.probe();
    probed = one.requests();
    getAll(6);
    assertEquals(probed + 3, one.requests());
  }
}
