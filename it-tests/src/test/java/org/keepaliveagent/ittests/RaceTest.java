package org.keepaliveagent.ittests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The keepalive race, short: lost without the agent, won with it. */
class RaceTest {
  private static final int IDLE_MILLIS = 50;

  @TempDir Path folder;

  @Test
  void withoutTheAgentRequestsAreLost() throws Exception {
    BurstLoad.Seen seen = race(List.of());
    assertTrue(seen.failedGet() + seen.failedPost() > 0, seen.toString());
  }

  @Test
  void withItNoneIsOnceTheTimeoutIsLearned() throws Exception {
    Path policy =
        Files.writeString(
            folder.resolve("policy.yaml"), "defaults:\n  next_upstream: [error, timeout]\n");
    BurstLoad.Seen seen = race(List.of(ForkedProxy.agent("policy=" + policy)));
    assertEquals(0, seen.failedGet() + seen.failedPost(), seen.toString());
  }

  private BurstLoad.Seen race(List<String> jvmOptions) throws Exception {
    try (IdleClosingUpstream upstream = IdleClosingUpstream.start(IDLE_MILLIS);
        ForkedProxy proxy = ForkedProxy.start(folder, upstream.port(), jvmOptions, Map.of())) {
      int port = proxy.address().getPort();
      BurstLoad.run(port, 30, IDLE_MILLIS - 3, 4, Duration.ofSeconds(4), 1);
      BurstLoad.Seen seen = BurstLoad.run(port, 30, IDLE_MILLIS - 3, 4, Duration.ofSeconds(4), 2);
      assertEquals(0, upstream.executedTwice());
      assertTrue(seen.requests() > 500, seen.toString());
      return seen;
    }
  }
}
