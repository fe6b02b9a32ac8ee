package org.keepaliveagent.ittests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The main job in one command: the same load through proxy-core without and with the agent, against
 * an upstream that closes idle connections.
 *
 * <p>Exit code 0 if the agent's side has no failure and no duplicate, 1 if it has, 2 for wrong
 * usage.
 */
public final class Demo {
  private static final String USAGE =
      """
      usage: it-tests/demo [--json] [--node] [--seconds N]
        --json       prints the figures as one JSON object and nothing else
        --node       the upstream is the machine's Node.js, not a small Java server
        --seconds N  how long each side is measured, 3 to 20 (default 8)
      With OTEL_EXPORTER_OTLP_ENDPOINT set the spans go there too.""";

  private static final int CONNECTIONS = 50;
  private static final int JITTER_MILLIS = 4;
  private static final Duration WARM_UP = Duration.ofSeconds(5);
  private static final long SEED = 1;

  private final Path policy = Path.of("demo.yaml").toAbsolutePath();
  private final Path folder = Files.createTempDirectory("keepalive-demo");
  private final boolean node;
  private final boolean json;
  private final int seconds;

  private Demo(boolean node, boolean json, int seconds) throws IOException {
    this.node = node;
    this.json = json;
    this.seconds = seconds;
  }

  /** Runs the demo; the working directory is {@code it-tests}. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    boolean node = false;
    boolean json = false;
    int seconds = 8;
    for (int i = 0; i < arguments.length; i++) {
      switch (arguments[i]) {
        case "--node" -> node = true;
        case "--json" -> json = true;
        case "--seconds" -> seconds = i + 1 < arguments.length ? seconds(arguments[++i]) : 0;
        case "--help", "-h" -> {
          System.out.println(USAGE);
          return;
        }
        default -> seconds = 0;
      }
    }
    if (seconds == 0) {
      System.err.println(USAGE);
      System.exit(2);
    }
    System.exit(new Demo(node, json, seconds).run() ? 0 : 1);
  }

  /** 0 for what is not allowed. */
  private static int seconds(String text) {
    return text.matches("[3-9]|1[0-9]|20") ? Integer.parseInt(text) : 0;
  }

  private boolean run() throws IOException, InterruptedException {
    try {
      return compare();
    } finally {
      try (var files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    }
  }

  private boolean compare() throws IOException, InterruptedException {
    // Since 20.18 Node closes a second later than its keepAliveTimeout says.
    int idleMillis = node ? 1001 : 50;
    say(
        "An upstream that closes connections idle for "
            + idleMillis
            + " ms"
            + (node ? " (Node.js)" : ", one in four with a reset")
            + "; "
            + CONNECTIONS
            + " clients in bursts "
            + (idleMillis - 3)
            + " ± "
            + JITTER_MILLIS
            + " ms apart, half GET, half POST.");
    say(
        "Each side: "
            + WARM_UP.toSeconds()
            + " s to warm up (and to learn), then "
            + seconds
            + " s that count. Policy: "
            + Files.readString(policy).strip().replaceAll("\\s+", " "));
    Side without = measure(idleMillis, List.of(), Map.of());
    say("without the agent: done");
    Side with =
        measure(idleMillis, List.of(ForkedProxy.agent("policy=" + policy)), backendOfTheUser());
    say("with the agent: done\n");
    if (json) {
      System.out.println("{\"without\": " + without.json() + ", \"with\": " + with.json() + "}");
      return with.isClean();
    }
    System.out.print(Side.table(without, with));
    System.out.println(
        "\nA GET whose connection is reset under it, as the agent's spans show it:\n");
    System.out.print(ResetTrace.draw(folder, policy).indent(2));
    if (!backendOfTheUser().isEmpty()) {
      ResetTrace.provoke(folder, policy, backendOfTheUser());
      System.out.println("The same trace went to " + System.getenv("OTEL_EXPORTER_OTLP_ENDPOINT"));
    }
    return with.isClean();
  }

  private Side measure(int idleMillis, List<String> jvmOptions, Map<String, String> environment)
      throws IOException, InterruptedException {
    try (Upstream upstream = node ? NodeUpstream.start(1) : IdleClosingUpstream.start(idleMillis);
        ForkedProxy proxy = ForkedProxy.start(folder, upstream.port(), jvmOptions, environment)) {
      int port = proxy.address().getPort();
      int gap = idleMillis - 3;
      BurstLoad.run(port, CONNECTIONS, gap, JITTER_MILLIS, WARM_UP, SEED);
      int before = upstream.connections();
      BurstLoad.Seen seen =
          BurstLoad.run(
              port, CONNECTIONS, gap, JITTER_MILLIS, Duration.ofSeconds(seconds), SEED + 1);
      return new Side(seen, upstream.executedTwice(), upstream.connections() - before);
    }
  }

  /** The user's own OpenTelemetry settings; empty without an endpoint. */
  private static Map<String, String> backendOfTheUser() {
    Map<String, String> settings = new HashMap<>();
    if (System.getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != null) {
      System.getenv()
          .forEach(
              (name, value) -> {
                if (name.startsWith("OTEL_")) {
                  settings.put(name, value);
                }
              });
    }
    return settings;
  }

  private void say(String line) {
    if (!json) {
      System.out.println(line);
    }
  }
}
