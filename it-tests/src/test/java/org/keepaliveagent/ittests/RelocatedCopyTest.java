package org.keepaliveagent.ittests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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
  private static final Path WIREMOCK =
      Path.of("target", "libraries", "wiremock-standalone.jar").toAbsolutePath();
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
    List<String> arguments = new ArrayList<>(jvmOptions);
    try (IdleClosingUpstream upstream = IdleClosingUpstream.start(IDLE_MILLIS)) {
      arguments.addAll(List.of("-jar", WIREMOCK.toString()));
      arguments.addAll(List.of("--port", "0", "--bind-address", "127.0.0.1"));
      arguments.addAll(List.of("--proxy-all", "http://127.0.0.1:" + upstream.port()));
      arguments.addAll(List.of("--disable-connection-reuse", "false"));
      arguments.addAll(List.of("--use-chunked-encoding", "never", "--disable-gzip"));
      arguments.addAll(List.of("--no-request-journal", "--disable-banner"));
      arguments.addAll(List.of("--root-dir", folder.toString()));
      try (ForkedJvm wireMock = ForkedJvm.start(arguments, Map.of())) {
        String ready = wireMock.awaitOut(line -> line.startsWith("port:"));
        int port = Integer.parseInt(ready.substring("port:".length()).trim());
        warmUp(port, upstream);
        int before = upstream.connections();
        BurstLoad.Seen seen =
            BurstLoad.run(port, 10, GAP_MILLIS, GAP_MILLIS, Duration.ofSeconds(6), 1);
        for (String line : wireMock.err()) {
          assertTrue(!line.contains("is not hooked"), line);
        }
        return new Side(seen, upstream.executedTwice(), upstream.connections() - before);
      }
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
