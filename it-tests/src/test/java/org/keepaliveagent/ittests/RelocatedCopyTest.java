package org.keepaliveagent.ittests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * WireMock as a proxy: its client is a relocated copy of Apache HttpClient 5, which looks at a
 * connection only after five idle seconds and never repeats a request. Each gap between bursts ends
 * anywhere from well before to well after the upstream's idle time-out, so that nothing here
 * depends on a few milliseconds.
 */
class RelocatedCopyTest {
  private static final int IDLE_MILLIS = 1000;
  private static final int GAP_MILLIS = 700;

  @TempDir Path folder;

  @Test
  void withoutTheAgentRequestsAreLost() throws Exception {
    BurstLoad.Seen seen = run(List.of()).seen();
    assertTrue(seen.failedGet() > 0 && seen.failedPost() > 0, seen.toString());
  }

  @Test
  void withItNoneIs() throws Exception {
    Side side = run(List.of(ForkedProxy.agent("policy=" + policy())));
    assertTrue(side.isClean(), side.json());
  }

  @Test
  void whereCopiesAreLeftAloneTheyAreAsWithoutTheAgent() throws Exception {
    BurstLoad.Seen seen = run(List.of(ForkedProxy.agent("shaded=off,policy=" + policy()))).seen();
    assertTrue(seen.failedGet() > 0 && seen.failedPost() > 0, seen.toString());
  }

  private Path policy() throws Exception {
    return Files.writeString(
        folder.resolve("policy.yaml"), "defaults:\n  keepalive_timeout: 300ms\n");
  }

  private Side run(List<String> jvmOptions) throws Exception {
    try (IdleClosingUpstream upstream = IdleClosingUpstream.start(IDLE_MILLIS);
        ForkedProxy wireMock =
            ExistingProxy.WIREMOCK.start(folder, upstream.ports(), jvmOptions, Map.of())) {
      int port = wireMock.address().getPort();
      warmUp(port, upstream);
      int before = upstream.connections();
      BurstLoad.Seen seen =
          BurstLoad.run(port, 10, GAP_MILLIS, GAP_MILLIS, Duration.ofSeconds(6), 1);
      for (String line : wireMock.jvm().err()) {
        assertTrue(!line.contains("is not hooked"), line);
      }
      return new Side(seen, upstream.executedTwice(), upstream.connections() - before);
    }
  }

  /** Its first answers take a second or more: goes on until a connection has been used again. */
  private static void warmUp(int port, Upstream upstream) throws Exception {
    int requests = 0;
    for (int seed = 2; requests <= upstream.connections() && seed < 10; seed++) {
      requests += BurstLoad.run(port, 10, 0, 0, Duration.ofSeconds(1), seed).requests();
    }
    assertTrue(upstream.connections() < requests, "no connection was used again");
  }
}
