package org.keepaliveagent.reactornetty;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keepaliveagent.conformance.AgentUnderTest;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Cue;
import org.keepaliveagent.conformance.LibraryVersion;
import org.keepaliveagent.conformance.Reply;
import org.keepaliveagent.conformance.ScriptedUpstream;
import org.keepaliveagent.policy.FailureKind;
import org.keepaliveagent.policy.Policy;

/** What a gateway passes on is sent again where it has no body, and never where it has one. */
class GatewayTest {
  @ParameterizedTest
  @Timeout(60)
  @ValueSource(strings = {"1.0.7", "1.0.48", "1.2.18", "1.3.8"})
  void aGetIsSentAgainAndABodyIsNot(String version) throws Exception {
    Policy policy =
        Policy.builder("test").nextUpstream(EnumSet.of(FailureKind.ERROR), true).build();
    try (ScriptedUpstream upstream = ScriptedUpstream.start();
        ClientDriver gateway =
            LibraryVersion.of(version).driver(GatewayDriver.class, upstream.url());
        AgentUnderTest agent = AgentUnderTest.with(policy)) {
      upstream.script((connection, request) -> request == 1 ? Cue.ANSWER : Cue.CLOSE);
      assertEquals(new Reply(200, 1, 1), gateway.send("GET", null, Map.of()));
      awaitIdle(agent);
      assertEquals(new Reply(200, 2, 1), gateway.send("GET", null, Map.of()));
      assertEquals(3, upstream.requests());
      awaitIdle(agent);
      assertEquals(502, gateway.send("PUT", "hello", Map.of()).status());
      assertEquals(4, upstream.requests());
      assertEquals(List.of(), agent.faults());
    }
  }

  /** A gateway answers before its pool has the connection back. */
  private static void awaitIdle(AgentUnderTest agent) throws InterruptedException {
    long deadline = System.nanoTime() + SECONDS.toNanos(10);
    while (agent.idle() != 1) {
      assertTrue(System.nanoTime() < deadline, "no connection was given back");
      Thread.sleep(2);
    }
  }
}
