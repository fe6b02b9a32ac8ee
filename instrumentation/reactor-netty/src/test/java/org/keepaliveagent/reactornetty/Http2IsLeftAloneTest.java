package org.keepaliveagent.reactornetty;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keepaliveagent.conformance.AgentUnderTest;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.LibraryVersion;
import org.keepaliveagent.conformance.Reply;
import org.keepaliveagent.policy.Policy;

/** A connection that speaks HTTP/2 obeys no limit of ours. */
class Http2IsLeftAloneTest {
  @ParameterizedTest
  @Timeout(60)
  @ValueSource(strings = {"1.0.7", "1.0.48", "1.2.18", "1.3.8"})
  void byEveryLimitAndByTheSweep(String version) throws Exception {
    Policy policy =
        Policy.builder("test")
            .maxRequests(1)
            .idleNanos(SECONDS.toNanos(1))
            .removeHeader("Connection")
            .build();
    try (ClientDriver client = LibraryVersion.of(version).driver(Http2Driver.class);
        AgentUnderTest agent = AgentUnderTest.with(policy)) {
      for (int i = 1; i <= 4; i++) {
        assertEquals(new Reply(200, 1, i), client.send("GET", null, Map.of()));
        agent.pass(2_000);
        agent.sweep();
      }
      assertEquals(List.of(), List.copyOf(agent.upstreams()), "upstreams that the agent knows");
      assertEquals(List.of(), agent.faults());
    }
  }
}
