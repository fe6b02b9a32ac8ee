package org.keepaliveagent.ittests;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.keepaliveagent.telemetry.OtlpReceiver;

/** Two GETs through a proxy under the agent, the second on a connection that is reset under it. */
final class ResetTrace {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

  private ResetTrace() {}

  /** The second one's trace as an indented tree, from the spans that were really exported. */
  static String draw(Path folder, Path policy) throws IOException, InterruptedException {
    return draw(proxyCore(folder), policy);
  }

  /** The same of any proxy: a request that was repeated has six spans, another three. */
  static String draw(ForkedProxy.Starter proxy, Path policy)
      throws IOException, InterruptedException {
    try (OtlpReceiver receiver = OtlpReceiver.start()) {
      provoke(
          proxy,
          policy,
          Map.of(
              "OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint(),
              "OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf",
              "OTEL_BSP_SCHEDULE_DELAY", "50"),
          status -> receiver.awaitSpans(status == 200 ? 6 : 3, Duration.ofSeconds(20)));
      return receiver.tree(TRACE);
    }
  }

  /** The same, for a backend of the user's. */
  static void provoke(Path folder, Path policy, Map<String, String> environment)
      throws IOException, InterruptedException {
    provoke(proxyCore(folder), policy, environment, status -> {});
  }

  /** What is done once the second answer, of this status, is there, before the proxy ends. */
  private interface Answered {
    void answered(int status) throws IOException, InterruptedException;
  }

  private static void provoke(
      ForkedProxy.Starter starter, Path policy, Map<String, String> environment, Answered answered)
      throws IOException, InterruptedException {
    int status = 0;
    try (FickleOrigin origin = FickleOrigin.start();
        ForkedProxy proxy =
            starter.start(
                origin.port(), List.of(ForkedProxy.agent("policy=" + policy)), environment)) {
      HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
      for (String flags : new String[] {"00", "01"}) {
        HttpRequest request =
            HttpRequest.newBuilder(proxy.address())
                .header("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-" + flags)
                .build();
        status = client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
      }
      answered.answered(status);
    }
  }

  private static ForkedProxy.Starter proxyCore(Path folder) {
    return (port, options, environment) -> ForkedProxy.start(folder, port, options, environment);
  }
}
