package org.keepaliveagent.ittests.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.keepaliveagent.ittests.Artifacts;
import org.keepaliveagent.ittests.ForkedJvm;
import org.keepaliveagent.ittests.ForkedProxy;
import org.keepaliveagent.telemetry.OtlpReceiver;

/** The smoke application with the agent in one JVM, and what is asked of the two. */
final class Smoke implements AutoCloseable {
  private static final Path CLASSES = Path.of("smoke", "target", "classes").toAbsolutePath();
  private static final String CALLER = "00f067aa0ba902b7";
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int REQUESTS_EACH = 3;
  private static final String POLICY =
      "defaults: {keepalive_requests: " + REQUESTS_EACH + ", next_upstream: [error, timeout]}\n";

  private static final List<String> SPANS =
      List.of(
          "upstream GET",
          "connection reuse",
          "connection reset",
          "request retry",
          "connection open");

  private final HttpClient caller =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final SteadyUpstream upstream;
  private final OtlpReceiver receiver;
  private final ForkedJvm jvm;
  private int port;
  private int traces;

  private Smoke(SteadyUpstream upstream, OtlpReceiver receiver, ForkedJvm jvm) {
    this.upstream = upstream;
    this.receiver = receiver;
    this.jvm = jvm;
  }

  private void awaitReady() throws InterruptedException {
    String ready = jvm.awaitOut(line -> line.startsWith("ready on "));
    port = Integer.parseInt(ready.substring("ready on ".length()));
  }

  /**
   * Starts it.
   *
   * @param late whether the agent comes once every client has a connection open
   */
  static Smoke start(Path java, Path folder, boolean late) throws Exception {
    Path policy = Files.writeString(folder.resolve("policy.yaml"), POLICY);
    String options = "status=0,policy=" + policy;
    SteadyUpstream upstream = SteadyUpstream.start();
    OtlpReceiver receiver = OtlpReceiver.start();
    List<String> arguments = new ArrayList<>();
    if (!late) {
      arguments.add(ForkedProxy.agent(options));
    }
    arguments.addAll(List.of("-cp", CLASSES.toString()));
    arguments.add("org.keepaliveagent.smoke.SmokeApplication");
    arguments.add("http://127.0.0.1:" + upstream.port());
    ForkedJvm jvm =
        ForkedJvm.start(
            java.toString(),
            arguments,
            Map.of(
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                receiver.endpoint(),
                "OTEL_BSP_SCHEDULE_DELAY",
                "50"));
    Smoke smoke = new Smoke(upstream, receiver, jvm);
    try {
      smoke.awaitReady();
      if (late) {
        for (String client : smoke.clients()) {
          smoke.send(client, "GET", "");
        }
        attach(java, jvm.pid(), options);
      }
      return smoke;
    } catch (Throwable t) {
      smoke.close();
      throw t;
    }
  }

  private static void attach(Path java, long pid, String options)
      throws IOException, InterruptedException {
    List<String> arguments =
        List.of("-jar", Artifacts.AGENT.toString(), "attach", Long.toString(pid), options);
    try (ForkedJvm attach = ForkedJvm.start(java.toString(), arguments, Map.of())) {
      if (attach.awaitExit(PATIENCE) != 0) {
        throw new IOException("it could not be attached: " + attach.err());
      }
    }
  }

  /** What the agent has said of a client, for the reader of a failure. */
  List<String> saidOf(String client) {
    String library = client.equals("http-client") ? "java-http-client" : "http-url-connection";
    return jvm.err().stream().filter(line -> line.contains(library)).toList();
  }

  /** The clients that this Java has. */
  List<String> clients() throws InterruptedException {
    return List.of(said("clients ").split(" ", -1));
  }

  /** The whole version of this Java. */
  String version() throws InterruptedException {
    return said("java ");
  }

  private String said(String first) throws InterruptedException {
    return jvm.awaitOut(line -> line.startsWith(first)).substring(first.length());
  }

  /** Asks all of one client; by check whether it was as it should be. */
  Map<String, Boolean> check(String client) throws Exception {
    Map<String, Boolean> checks = new LinkedHashMap<>();
    checks.put("enforce", isEnforced(client));
    String trace = nextTrace();
    send(client, "GET", "");
    checks.put("stale GET repaired", send(client, "GET", "stale", trace) == 200);
    checks.put("spans", areExported(trace));
    send(client, "GET", "");
    int posts = upstream.stalePosts();
    send(client, "POST", "stale");
    checks.put("stale POST sent once", upstream.stalePosts() == posts + 1);
    checks.put("status", isOnStatusPage());
    return checks;
  }

  /** A connection carries as many requests as the policy allows, and no more. */
  private boolean isEnforced(String client) throws Exception {
    int rounds = 3;
    int before = upstream.connections();
    for (int i = 0; i < rounds * REQUESTS_EACH; i++) {
      send(client, "GET", "");
    }
    int opened = upstream.connections() - before;
    // The first may be one that was there before the agent came.
    return opened == rounds || opened == rounds - 1;
  }

  /** Waits, for at most twenty seconds: spans come in several batches. */
  private boolean areExported(String trace) throws InterruptedException {
    boolean all = false;
    for (int i = 0; i < 200 && !all; i++) {
      Thread.sleep(100);
      all = SPANS.stream().allMatch(receiver.tree(trace)::contains);
    }
    return all;
  }

  private boolean isOnStatusPage() throws Exception {
    String said = jvm.awaitErr(line -> line.contains("status page on "));
    URI page = URI.create(said.substring(said.indexOf("http://"))).resolve("status.json");
    HttpRequest request = HttpRequest.newBuilder(page).build();
    String json = caller.send(request, HttpResponse.BodyHandlers.ofString()).body();
    return json.contains("\"url\":\"http://127.0.0.1:" + upstream.port() + "\"");
  }

  private String nextTrace() {
    return "4bf92f3577b34da6a3ce929d0e0e%04d".formatted(++traces);
  }

  private int send(String client, String method, String path) throws Exception {
    return send(client, method, path, nextTrace());
  }

  private int send(String client, String method, String path, String trace) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/" + client + "?" + path))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .header("traceparent", "00-" + trace + "-" + CALLER + "-01")
            .timeout(PATIENCE)
            .build();
    return caller.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  @Override
  public void close() throws IOException {
    jvm.close();
    receiver.close();
    upstream.close();
  }
}
