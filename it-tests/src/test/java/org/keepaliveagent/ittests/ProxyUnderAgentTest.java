package org.keepaliveagent.ittests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keepaliveagent.telemetry.OtlpReceiver;

/** The real jar on the real proxy: whatever is wrong with the agent, the application goes on. */
class ProxyUnderAgentTest {
  private static final int REQUESTS = 60;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @TempDir Path folder;

  @Test
  void theBuiltInPolicyChangesNothingForAHealthyUpstream() throws Exception {
    try (Origin origin = Origin.start();
        ForkedProxy proxy = start(origin, ForkedProxy.agent(""))) {
      assertAllAnswered(proxy);
      proxy.jvm().awaitErr(line -> line.contains("the built-in policy"));
      assertEquals(1, proxy.jvm().err().size(), proxy.jvm().err().toString());
      assertEquals(REQUESTS, origin.requests());
      assertTrue(origin.connections() <= 2, origin.connections() + " connections");
    }
  }

  @Test
  void theAgentWritesNoFile() throws Exception {
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    try (Origin origin = Origin.start();
        ForkedProxy proxy =
            start(
                origin,
                "-Djava.io.tmpdir=" + temporary,
                "-XX:-UsePerfData",
                ForkedProxy.agent("telemetry=on"))) {
      assertAllAnswered(proxy);
      try (Stream<Path> files = Files.list(temporary)) {
        assertEquals(List.of(), files.toList());
      }
    }
  }

  @Test
  void switchedOffItSaysAndDoesNothing() throws Exception {
    for (List<String> off :
        List.of(
            List.of(ForkedProxy.agent("enabled=false")),
            List.of("-Dkeepalive.enabled=false", ForkedProxy.agent("")))) {
      try (Origin origin = Origin.start();
          ForkedProxy proxy = ForkedProxy.start(folder, origin.port(), off, Map.of())) {
        assertAllAnswered(proxy);
        assertEquals(List.of(), proxy.jvm().err());
      }
    }
    try (Origin origin = Origin.start();
        ForkedProxy proxy =
            ForkedProxy.start(
                folder,
                origin.port(),
                List.of(ForkedProxy.agent("")),
                Map.of("KEEPALIVE_ENABLED", "false"))) {
      assertAllAnswered(proxy);
      assertEquals(List.of(), proxy.jvm().err());
    }
  }

  @Test
  void aBadPolicyIsExplainedAndTheProxyRuns() throws Exception {
    Path policy = Files.writeString(folder.resolve("bad.yaml"), "defaults:\n  keepalive: many\n");
    try (Origin origin = Origin.start();
        ForkedProxy proxy = start(origin, ForkedProxy.agent("policy=" + policy))) {
      String said = proxy.jvm().awaitErr(line -> line.contains("bad.yaml:2:14"));
      assertTrue(said.contains("\"many\""), said);
      assertTrue(said.contains("The agent observes only"), said);
      assertAllAnswered(proxy);
    }
  }

  @Test
  void aBadPolicyIsFatalWhereThatIsWanted() throws Exception {
    Path policy = Files.writeString(folder.resolve("bad.yaml"), "defaults:\n  keepalive: many\n");
    try (ForkedJvm jvm =
        ForkedJvm.start(
            List.of(
                ForkedProxy.agent("on_error=fail,policy=" + policy),
                "-jar",
                Artifacts.PROXY.toString(),
                "-c",
                policy.toString()),
            Map.of())) {
      assertTrue(jvm.awaitExit() != 0);
      assertTrue(jvm.err().toString().contains("bad.yaml:2:14"), jvm.err().toString());
      assertEquals(List.of(), jvm.out().stream().filter(l -> l.contains("ready")).toList());
    }
  }

  @Test
  void aFaultInEveryHookChangesNoAnswer() throws Exception {
    try (Origin origin = Origin.start();
        ForkedProxy proxy = start(origin, ForkedProxy.agent("fault_injection=throw"))) {
      assertAllAnswered(proxy);
      assertEquals(REQUESTS, origin.requests());
      proxy.jvm().awaitErr(line -> line.contains("the agent leaves this library alone"));
      long lines = proxy.jvm().err().size();
      assertAllAnswered(proxy);
      assertEquals(lines, proxy.jvm().err().size(), proxy.jvm().err().toString());
    }
  }

  @Test
  void aReceiverThatIsGoneChangesNoAnswer() throws Exception {
    try (Origin origin = Origin.start();
        ForkedProxy proxy = exporting(origin, "http://127.0.0.1:1")) {
      assertAllAnswered(proxy);
      assertEquals(REQUESTS, origin.requests());
    }
  }

  @Test
  void aReceiverThatIsKilledChangesNoAnswer() throws Exception {
    OtlpReceiver receiver = OtlpReceiver.start();
    try (Origin origin = Origin.start();
        ForkedProxy proxy = exporting(origin, receiver.endpoint())) {
      assertAllAnswered(proxy);
      receiver.awaitSpans(1, Duration.ofSeconds(20));
      receiver.close();
      assertAllAnswered(proxy);
    } finally {
      receiver.close();
    }
  }

  @Test
  void aReceiverThatNeverAnswersAndAFullQueueChangeNoAnswer() throws Exception {
    // The kernel takes connections into the backlog, and nobody ever reads them.
    try (ServerSocket hung = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Origin origin = Origin.start();
        ForkedProxy proxy = exporting(origin, "http://127.0.0.1:" + hung.getLocalPort())) {
      for (int i = 0; i < 20; i++) {
        assertAllAnswered(proxy);
      }
      assertEquals(20 * REQUESTS, origin.requests());
    }
  }

  private ForkedProxy exporting(Origin origin, String endpoint)
      throws IOException, InterruptedException {
    return ForkedProxy.start(
        folder,
        origin.port(),
        List.of(ForkedProxy.agent("")),
        Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint, "OTEL_BSP_SCHEDULE_DELAY", "50"));
  }

  @Test
  void attachedToAProxyThatServesItTakesOverWithoutALostRequest() throws Exception {
    try (Origin origin = Origin.start();
        ForkedProxy proxy = start(origin)) {
      assertAllAnswered(proxy);
      proxy.attach("");
      proxy.jvm().awaitErr(line -> line.contains("the built-in policy"));
      assertAllAnswered(proxy);
      Path policy = Files.writeString(folder.resolve("none.yaml"), "defaults:\n  keepalive: off\n");
      proxy.attach("policy=" + policy);
      proxy.jvm().awaitErr(line -> line.contains("none.yaml"));
      int before = origin.connections();
      assertAllAnswered(proxy);
      assertTrue(
          origin.connections() - before >= REQUESTS - 2,
          "without idle connections each request opens one, but only "
              + (origin.connections() - before)
              + " were opened");
      proxy.attach("mode=off");
      proxy.jvm().awaitErr(line -> line.contains("mode off"));
      before = origin.connections();
      assertAllAnswered(proxy);
      assertTrue(origin.connections() - before <= 2, "switched off, connections are reused");
    }
  }

  private ForkedProxy start(Origin origin, String... jvmOptions)
      throws IOException, InterruptedException {
    return ForkedProxy.start(folder, origin.port(), List.of(jvmOptions), Map.of());
  }

  /** Every second request a POST with a body; one after the other. */
  private void assertAllAnswered(ForkedProxy proxy) throws Exception {
    for (int i = 0; i < REQUESTS; i++) {
      HttpRequest.Builder request = HttpRequest.newBuilder(proxy.address());
      if (i % 2 == 1) {
        request.POST(HttpRequest.BodyPublishers.ofString("hello"));
      }
      HttpResponse<String> response =
          client
              .sendAsync(request.build(), HttpResponse.BodyHandlers.ofString())
              .get(20, TimeUnit.SECONDS);
      assertEquals(200, response.statusCode(), "request " + i);
      assertEquals("ok", response.body());
    }
  }
}
