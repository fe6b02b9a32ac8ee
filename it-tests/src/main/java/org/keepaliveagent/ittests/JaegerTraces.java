package org.keepaliveagent.ittests;

import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.keepaliveagent.telemetry.TraceTree;

/**
 * {@code it-tests/jaeger}: proxy-core under the agent, against an upstream that resets connections,
 * its traces in a real Jaeger. What the query API says is compared with the drawings of {@code
 * agent/docs/jaeger.md}.
 *
 * <p>Exit code 0 if all are as they should be, 1 if not.
 */
final class JaegerTraces {
  private static final Path PAGE = Path.of("../agent/docs/jaeger.md");
  private static final String CALLER = "00f067aa0ba902b7";

  /** Two requests each, of which the second's trace is looked at. */
  private enum Story {
    REUSE(1, "GET", FickleOrigin.Habit.NONE, "defaults: {}", 200, 2),
    STALE_GET_RETRIED(
        2, "GET", FickleOrigin.Habit.RESETS, "defaults: {next_upstream: [error]}", 200, 6),
    STALE_POST_DENIED(
        3,
        "POST",
        FickleOrigin.Habit.RESETS,
        "defaults: {next_upstream: [error], fresh_for_non_idempotent: off}",
        502,
        3),
    STALE_POST_ALLOWED(
        4,
        "POST",
        FickleOrigin.Habit.RESETS,
        "defaults: {next_upstream: [error, non_idempotent]}",
        200,
        6);

    private final int number;
    private final String method;
    private final FickleOrigin.Habit habit;
    private final String policy;
    private final int status;

    /** Spans of ours. */
    private final int spans;

    Story(
        int number, String method, FickleOrigin.Habit habit, String policy, int status, int spans) {
      this.number = number;
      this.method = method;
      this.habit = habit;
      this.policy = policy;
      this.status = status;
      this.spans = spans;
    }

    String trace(int request) {
      return "4bf92f3577b34da6a3ce929d0e0e0%d%02d".formatted(request, number);
    }
  }

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Jaeger jaeger;
  private final Path folder;
  private boolean right = true;

  private JaegerTraces(Jaeger jaeger, Path folder) {
    this.jaeger = jaeger;
    this.folder = folder;
  }

  /** Takes Jaeger's binary, and {@code serve} to let it stay until Enter. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Files.createTempDirectory("keepalive-jaeger");
    boolean right;
    try (Jaeger jaeger = Jaeger.start(Path.of(arguments[0]), folder)) {
      JaegerTraces traces = new JaegerTraces(jaeger, folder);
      for (Story story : Story.values()) {
        traces.show(story);
      }
      traces.search();
      right = traces.right;
      System.out.println(right ? "4 passed, 0 failed" : "some are not as they should be");
      if (arguments.length > 1 && arguments[1].equals("serve")) {
        System.out.println("Jaeger is at " + jaeger.page() + " until Enter is pressed");
        System.in.read();
      }
    } finally {
      try (var files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    }
    System.exit(right ? 0 : 1);
  }

  private void show(Story story) throws IOException, InterruptedException {
    Path policy = Files.writeString(folder.resolve("policy.yaml"), story.policy + "\n");
    List<Span> spans;
    try (FickleOrigin origin = FickleOrigin.start(story.habit);
        ForkedProxy proxy =
            ForkedProxy.start(
                folder,
                origin.port(),
                List.of(ForkedProxy.agent("policy=" + policy)),
                Map.of(
                    "OTEL_SERVICE_NAME", "gateway",
                    "OTEL_EXPORTER_OTLP_ENDPOINT", jaeger.endpoint(),
                    "OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf",
                    "OTEL_METRICS_EXPORTER", "none",
                    "OTEL_LOGS_EXPORTER", "none",
                    "OTEL_BSP_SCHEDULE_DELAY", "50"))) {
      expect(story + "", "200", send(proxy, "GET", story.trace(1)));
      expect(story + "", story.status + "", send(proxy, story.method, story.trace(2)));
      spans = jaeger.awaitTrace(story.trace(2), story.spans);
    }
    String tree = told(TraceTree.draw(spans));
    System.out.println("== " + story + "\n" + tree);
    String page = Files.readString(PAGE);
    if (!page.contains(tree)) {
      right = false;
      System.out.println("   " + PAGE.getFileName() + " has no such drawing");
    }
  }

  /** What the page says to search for is found. */
  private void search() throws IOException, InterruptedException {
    int denied = jaeger.count("gateway", "connection reset", "upstream.retry.decision", "denied");
    int allowed = jaeger.count("gateway", "request retry", "upstream.retry.reason", "stale");
    expect("resets that nothing repaired", "1", denied + "");
    expect("repetitions", "2", allowed + "");
  }

  private void expect(String what, String wanted, String got) {
    if (!wanted.equals(got)) {
      right = false;
      System.out.println(what + ": " + got + " instead of " + wanted);
    }
  }

  private String send(ForkedProxy proxy, String method, String trace)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(proxy.address())
            .method(
                method,
                method.equals("POST")
                    ? HttpRequest.BodyPublishers.ofString("hello")
                    : HttpRequest.BodyPublishers.noBody())
            .header("traceparent", "00-" + trace + "-" + CALLER + "-01")
            .timeout(Duration.ofSeconds(30))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() + "";
  }

  /** Of the attributes those that tell the story. */
  private static String told(String tree) {
    return tree.lines()
        .map(JaegerTraces::line)
        .map(String::stripTrailing)
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private static String line(String drawn) {
    List<String> kept = new ArrayList<>();
    for (String part : drawn.split(" ", -1)) {
      boolean attribute = part.contains("=");
      boolean tells =
          part.startsWith("error.type=")
              || part.startsWith("http.response.status_code=")
              || part.startsWith("http.request.resend_count=")
              || part.startsWith("upstream.connection.reused=")
              || part.startsWith("upstream.reset.")
              || part.startsWith("upstream.retry.");
      if (tells || !attribute) {
        kept.add(part);
      }
    }
    return String.join(" ", kept);
  }
}
