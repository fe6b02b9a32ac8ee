package org.keepaliveagent.ittests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.keepaliveagent.telemetry.OtlpReceiver;

/**
 * The OpenTelemetry agent beside this one, in either order, and this one as its extension: one
 * trace, our spans under its client span, and neither loses anything.
 */
class CoexistenceTest {
  static final Path OPEN_TELEMETRY =
      Path.of("target", "libraries", "opentelemetry-javaagent.jar").toAbsolutePath();
  private static final String CALLER = "00f067aa0ba902b7";
  private static final List<String> CLIENTS = List.of("jdk", "apache", "okhttp", "reactor");

  private static final String RETRIED =
      """
      (caller %s)
       └ GET /%s  SERVER
          └ GET  CLIENT
             ├ upstream GET  INTERNAL ERROR
             │  ├ connection reuse  INTERNAL
             │  └ connection reset  INTERNAL ERROR
             └ request retry  INTERNAL  → upstream GET
                └ upstream GET  INTERNAL
                   └ connection open  INTERNAL
      """;

  /** Where the other tracer's client span is one attempt. */
  private static final String RETRIED_BY_ATTEMPT =
      """
      (caller %s)
       └ GET /%s  SERVER
          ├ GET  CLIENT ERROR
          │  └ upstream GET  INTERNAL ERROR
          │     ├ connection reuse  INTERNAL
          │     └ connection reset  INTERNAL ERROR
          └ GET  CLIENT
             └ request retry  INTERNAL  → upstream GET
                └ upstream GET  INTERNAL
                   └ connection open  INTERNAL
      """;

  /**
   * Reactor Netty does not tell its listeners of the end of a request that goes once more, so that
   * the other tracer never ends its span of the first attempt, which is the parent of ours.
   */
  private static final String RETRIED_UNTOLD =
      """
      (caller %s)
       └ GET /%s  SERVER
          └ GET  CLIENT
             └ request retry  INTERNAL  → upstream GET
                └ upstream GET  INTERNAL
                   └ connection open  INTERNAL
      (an unknown caller)
       └ upstream GET  INTERNAL ERROR
          ├ connection reuse  INTERNAL
          └ connection reset  INTERNAL ERROR
      """;

  /** How the two come into the JVM. */
  enum Way {
    KEEPALIVE_FIRST,
    KEEPALIVE_LAST,
    EXTENSION;

    List<String> options(String policy) {
      String theirs = "-javaagent:" + OPEN_TELEMETRY;
      String ours = ForkedProxy.agent("policy=" + policy);
      return switch (this) {
        case KEEPALIVE_FIRST -> List.of(ours, theirs);
        case KEEPALIVE_LAST -> List.of(theirs, ours);
        case EXTENSION ->
            List.of(
                theirs,
                "-Dotel.javaagent.extensions=" + Artifacts.AGENT,
                "-Dkeepalive.policy=" + policy);
      };
    }
  }

  private final HttpClient caller =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @TempDir Path folder;

  @SuppressWarnings("try") // ended early, so that it exports what waits
  @ParameterizedTest
  @EnumSource(Way.class)
  void ourSpansLieUnderTheirsAndNothingIsLost(Way way) throws Exception {
    try (OtlpReceiver receiver = OtlpReceiver.start();
        FickleOrigin origin = FickleOrigin.start();
        ForkedJvm jvm = start(way, origin, receiver, "parentbased_always_on")) {
      int port = port(jvm);
      for (String client : CLIENTS) {
        assertEquals(200, get(port, client, trace(client, 1)));
        assertEquals(200, get(port, client, trace(client, 2)));
      }
      for (String client : CLIENTS) {
        awaitTree(receiver, trace(client, 2), retried(client).formatted(CALLER, client));
      }
      assertEquals(way == Way.EXTENSION ? 1 : 2, exportingThreads(port));
      jvm.close();
      for (String client : CLIENTS) {
        assertEquals(
            """
            (caller %s)
             └ GET /%s  SERVER
                └ GET  CLIENT
                   └ upstream GET  INTERNAL
                      └ connection open  INTERNAL
            """
                .formatted(CALLER, client),
            shape(receiver.tree(trace(client, 1))));
        assertEquals(
            retried(client).formatted(CALLER, client), shape(receiver.tree(trace(client, 2))));
      }
      assertTrue(
          receiver.spans().stream().noneMatch(s -> s.getName().contains("POST")),
          "the exporters' own requests are in no trace:\n" + receiver.trees());
      assertEquals(Set.of("shop"), resource(receiver, "service.name"));
      if (way == Way.EXTENSION) {
        assertEquals(1, resource(receiver, "telemetry.distro.name").size());
        assertTrue(
            receiver.received().stream().allMatch(r -> has(r, "telemetry.distro.name")),
            "one resource");
      }
    }
  }

  /** Waits for a trace; what it is in the end, is asserted when nothing more can come. */
  private static void awaitTree(OtlpReceiver receiver, String trace, String expected)
      throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (!shape(receiver.tree(trace)).equals(expected) && System.nanoTime() < deadline) {
      Thread.sleep(20);
    }
  }

  private static String retried(String client) {
    return switch (client) {
      case "okhttp" -> RETRIED_BY_ATTEMPT;
      case "reactor" -> RETRIED_UNTOLD;
      default -> RETRIED;
    };
  }

  @SuppressWarnings("try")
  @Test
  void anExtensionHasOneSampler() throws Exception {
    try (OtlpReceiver receiver = OtlpReceiver.start();
        FickleOrigin origin = FickleOrigin.start(FickleOrigin.Habit.NONE);
        ForkedJvm jvm = start(Way.EXTENSION, origin, receiver, "always_off")) {
      int port = port(jvm);
      assertEquals(200, get(port, "jdk", trace("jdk", 1)));
      assertEquals(200, get(port, "jdk", trace("jdk", 2)));
      jvm.awaitErr(line -> line.contains("policy.yaml"));
      jvm.close();
      assertEquals(List.of(), receiver.spans(), receiver.trees());
    }
  }

  private ForkedJvm start(Way way, FickleOrigin origin, OtlpReceiver receiver, String sampler)
      throws Exception {
    Path policy =
        Files.writeString(
            folder.resolve("policy.yaml"),
            "defaults: {next_upstream: [error, timeout], learn: off}\n");
    List<String> arguments = new ArrayList<>(way.options(policy.toString()));
    arguments.add("-XX:TieredStopAtLevel=1");
    arguments.add("-cp");
    arguments.add(System.getProperty("java.class.path"));
    arguments.add(TracedClients.class.getName());
    arguments.add("http://127.0.0.1:" + origin.port() + "/");
    Map<String, String> environment = new HashMap<>();
    environment.put("OTEL_SERVICE_NAME", "shop");
    environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint());
    environment.put("OTEL_METRICS_EXPORTER", "none");
    environment.put("OTEL_LOGS_EXPORTER", "none");
    environment.put("OTEL_TRACES_SAMPLER", sampler);
    environment.put("OTEL_BSP_SCHEDULE_DELAY", "50");
    return ForkedJvm.start(arguments, environment);
  }

  private static int port(ForkedJvm jvm) throws InterruptedException {
    String ready = jvm.awaitOut(line -> line.startsWith("ready on "));
    return Integer.parseInt(ready.substring("ready on ".length()));
  }

  private int get(int port, String path, String trace) throws Exception {
    return caller
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/" + path))
                .header("traceparent", "00-" + trace + "-" + CALLER + "-01")
                .timeout(Duration.ofSeconds(30))
                .build(),
            HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  private int exportingThreads(int port) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + port + "/threads");
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .header("traceparent", "00-" + trace("", 0) + "-" + CALLER + "-00")
            .build();
    return Integer.parseInt(caller.send(request, HttpResponse.BodyHandlers.ofString()).body());
  }

  private static String trace(String client, int number) {
    return "4bf92f3577b34da6a3ce929d0e0e4%02x%d".formatted(CLIENTS.indexOf(client) + 1, number);
  }

  /** The drawing without attributes. */
  private static String shape(String tree) {
    return tree.lines()
        .map(line -> line.replaceFirst("(CLIENT|SERVER|INTERNAL)( ERROR)? [a-z]+[._].*", "$1$2"))
        .map(line -> line.replaceFirst("^\\(caller (?!" + CALLER + ").*", "(an unknown caller)"))
        .map(line -> line.replaceFirst("(→ upstream [A-Z]+) .*", "$1"))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private static Set<String> resource(OtlpReceiver receiver, String key) {
    Set<String> values = new TreeSet<>();
    for (ResourceSpans spans : receiver.received()) {
      for (KeyValue attribute : spans.getResource().getAttributesList()) {
        if (attribute.getKey().equals(key)) {
          values.add(attribute.getValue().getStringValue());
        }
      }
    }
    return values;
  }

  private static boolean has(ResourceSpans spans, String key) {
    return spans.getResource().getAttributesList().stream().anyMatch(a -> a.getKey().equals(key));
  }
}
