package org.keepaliveagent.undertowproxy;

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

/** A connection that was upgraded to HTTP/2 obeys no limit of ours. */
class Http2IsLeftAloneTest {
  @ParameterizedTest
  @Timeout(60)
  @ValueSource(strings = {"2.2.0", "2.3.27", "2.4.4"})
  void byEveryLimitAndByTheSweep(String version) throws Exception {
    Policy policy =
        Policy.builder("test")
            .maxRequests(1)
            .idleNanos(SECONDS.toNanos(1))
            .removeHeader("Connection")
            .build();
    try (ClientDriver client = LibraryVersion.of(version).driver(Http2Driver.class)) {
      AgentUnderTest agent = AgentUnderTest.with(policy);
      try {
        for (int i = 1; i <= 4; i++) {
          assertEquals(new Reply(200, 1, i), client.send("GET", null, Map.of()));
          Map<?, ?> seen = (Map<?, ?>) client.getClass().getMethod("lastHeaders").invoke(client);
          assertEquals("HTTP/2.0", seen.get("X-Protocol"));
          agent.pass(2_000);
          agent.sweep();
        }
        assertEquals(List.of(), agent.faults());
      } finally {
        agent.close();
      }
    }
  }
}
