package org.keepaliveagent.ittests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keepaliveagent.telemetry.OtlpReceiver;

/** The traces of clients whose application has no tracer and passes its caller's headers on. */
class ClientTracesTest {
  private static final String CALLER = "00f067aa0ba902b7";
  private static final List<String> CLIENTS = List.of("jdk", "apache", "okhttp");

  private final HttpClient caller =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @TempDir Path folder;

  @Test
  void aStaleConnectionWithAnyHeaderThatNamesTheParent() throws Exception {
    try (OtlpReceiver receiver = OtlpReceiver.start();
        FickleOrigin origin = FickleOrigin.start();
        ForkedJvm jvm = start(receiver, origin.port())) {
      int port = port(jvm);
      for (String client : CLIENTS) {
        String trace = trace(client, 1);
        get(port, client, "X-B3-TraceId", trace, "X-B3-SpanId", CALLER, "X-B3-Sampled", "0");
        get(port, client, "X-B3-TraceId", trace, "X-B3-SpanId", CALLER, "X-B3-Sampled", "1");
        get(port, client, "b3", trace(client, 2) + "-" + CALLER + "-1");
        get(port, client, "traceparent", "00-" + trace(client, 3) + "-" + CALLER + "-01");
      }
      receiver.awaitSpans(CLIENTS.size() * 3 * 6, Duration.ofSeconds(30));
      for (String client : CLIENTS) {
        for (int i = 1; i <= 3; i++) {
          String tree = receiver.tree(trace(client, i));
          assertEquals(
              """
              (caller %s)
               ├ upstream GET CLIENT ERROR connection_reset
               │ ├ connection reuse INTERNAL
               │ └ connection reset INTERNAL ERROR connection_reset awaiting_response allowed stale
               └ request retry INTERNAL → upstream GET allowed stale
               └ upstream GET CLIENT 200
               └ connection open INTERNAL
              """
                  .formatted(CALLER),
              told(tree),
              () -> client + "\n" + tree);
        }
      }
    }
  }

  @Test
  void aConnectionThatIsRefused() throws Exception {
    int closed;
    try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = gone.getLocalPort();
    }
    try (OtlpReceiver receiver = OtlpReceiver.start();
        ForkedJvm jvm = start(receiver, closed);
        ForkedProxy proxy =
            ForkedProxy.start(
                folder, closed, List.of(ForkedProxy.agent("")), exportingTo(receiver))) {
      int port = port(jvm);
      for (String client : List.of("jdk", "okhttp")) {
        get(port, client, "traceparent", "00-" + trace(client, 1) + "-" + CALLER + "-01");
      }
      get(
          proxy.address().getPort(),
          "",
          "traceparent",
          "00-" + trace("none", 1) + "-" + CALLER + "-01");
      // The JDK's client tries twice to connect.
      receiver.awaitSpans(8, Duration.ofSeconds(30));
      for (String client : List.of("jdk", "okhttp", "none")) {
        String tree = receiver.tree(trace(client, 1));
        assertTrue(tree.contains("upstream GET  CLIENT ERROR error.type=connection_refused"), tree);
        assertTrue(tree.contains("upstream.reset.phase=connect"), tree);
      }
    }
  }

  private ForkedJvm start(OtlpReceiver receiver, int upstream) throws IOException {
    Path policy =
        Files.writeString(
            folder.resolve("policy.yaml"),
            "defaults: {next_upstream: [error, timeout], learn: off}\n");
    return ForkedJvm.start(
        List.of(
            ForkedProxy.agent("policy=" + policy),
            "-Dforward=true",
            "-cp",
            System.getProperty("java.class.path"),
            TracedClients.class.getName(),
            "http://127.0.0.1:" + upstream + "/"),
        exportingTo(receiver));
  }

  private static Map<String, String> exportingTo(OtlpReceiver receiver) {
    return Map.of(
        "OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint(), "OTEL_BSP_SCHEDULE_DELAY", "50");
  }

  private static int port(ForkedJvm jvm) throws InterruptedException {
    String ready = jvm.awaitOut(line -> line.startsWith("ready on "));
    return Integer.parseInt(ready.substring("ready on ".length()));
  }

  private void get(int port, String path, String... headers) throws Exception {
    caller.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/" + path))
            .headers(headers)
            .timeout(Duration.ofSeconds(30))
            .build(),
        HttpResponse.BodyHandlers.discarding());
  }

  private static String trace(String client, int number) {
    return "4bf92f3577b34da6a3ce929d0e0e5%02x%d".formatted(CLIENTS.indexOf(client) + 2, number);
  }

  /** Of the attributes the values that tell the story, and one blank between any two words. */
  private static String told(String tree) {
    return tree.lines()
        .map(
            line ->
                line.replaceAll(
                        " (error\\.type|http\\.response\\.status_code|upstream\\.reset\\.phase"
                            + "|upstream\\.retry\\.(decision|reason))=",
                        " ")
                    .replaceAll(" [a-z0-9_.]+=[^ ]*", "")
                    .replaceAll("(?<=[^ ]) +", " "))
        .map(line -> line.replaceFirst("^ +", " "))
        .collect(Collectors.joining("\n", "", "\n"));
  }
}
