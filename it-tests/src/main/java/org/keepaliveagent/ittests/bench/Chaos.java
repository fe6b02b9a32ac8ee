package org.keepaliveagent.ittests.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.keepaliveagent.ittests.ExistingProxy;
import org.keepaliveagent.ittests.ForkedJvm;
import org.keepaliveagent.ittests.ForkedProxy;

/**
 * {@code it-tests/bench chaos}: an application with five HTTP clients and a proxy, all under the
 * agent, in front of an upstream that misbehaves, while policies are replaced, the backend for
 * spans is lost, and the processes are stopped for seconds.
 */
final class Chaos {
  private static final String USAGE =
      """
      usage: it-tests/bench chaos [--minutes N] [--seed N] [--json] [--write]
        --minutes N  how long (default 30)
        --seed N     makes the same choices again (default: by the clock)\
      """;
  private static final String ABOUT =
      """
      Five clients of an application and one more through proxy-core, four threads each, half GET, half POST, all under the
      agent. Of a hundred requests the upstream treats eighteen badly, and it ends connections while they idle: see *what the
      upstream did*. Meanwhile policies are replaced (a broken one among them), the upstream refuses connections, the backend
      for spans and metrics refuses, hangs and comes back, and both processes are stopped (SIGSTOP) for up to four seconds:
      the agent's clock is `System.nanoTime` and has no seam in the real jar, and a jump of it is what a stop looks like
      from inside. No policy lets a POST be repeated, so that each may be executed once at most.

      Every request is to end once, answered with its own id or failed. When it is over the policy `keepalive: off` closes
      what is parked: then no socket to the upstream may be open, and no connection or request in the agent's books.
      Heap (live objects after a full collection), threads and the agent's records of connections are looked at after a third
      of the time and at the end. Each thread remembers the record of the connection that it opened last, so that as many
      records may be left.
      """;
  private static final List<String> POLICIES =
      List.of(
          "defaults: {next_upstream: [error, timeout]}\n",
          "defaults: {keepalive: 1, next_upstream: [error]}\n",
          "defaults: {keepalive: off, next_upstream: [error]}\n",
          "defaults: {keepalive_requests: 3, set_header: {Connection: \"\"}}\n",
          "defaults: {keepalive_timeout: 20ms, next_upstream: [error, timeout]}\n",
          "defaults: {keepalive_time: 300ms, keepalive: 100, next_upstream: off}\n",
          "defaults: {next_upstream: [error, timeout], next_upstream_tries: 3}\n",
          "defaults: {keepalive: half written");
  private static final String EMPTY = "defaults: {keepalive: off}\n";
  private static final int MORE_THREADS = 16;
  private static final long MORE_HEAP_KB = 4096;
  private static final int EMPTY_SECONDS = 60;

  private final Evidence evidence;
  private final Path policy;
  private final Random random;
  private final long seed;
  private final int seconds;

  private Chaos(Evidence evidence, Path folder, int seconds, long seed) {
    this.evidence = evidence;
    this.policy = folder.resolve("policy.yaml");
    this.seconds = seconds;
    this.seed = seed;
    random = new Random(seed);
  }

  /** Runs it; the working directory is {@code it-tests}. */
  public static void main(String[] given) throws Exception {
    Arguments arguments = new Arguments(USAGE, given);
    Evidence evidence = evidence(arguments, given);
    int minutes = arguments.number("--minutes", 30);
    int seed = arguments.number("--seed", 1 + (int) (System.currentTimeMillis() % 100_000_000));
    arguments.names(List.of());
    Path folder = Files.createTempDirectory("keepalive-chaos");
    try {
      run(evidence, folder, minutes * 60, seed);
    } finally {
      Race.delete(folder);
    }
    System.exit(evidence.finish());
  }

  static Evidence evidence(Arguments arguments, String... given) {
    return new Evidence("chaos", "Chaos", ABOUT, arguments, given);
  }

  /** Runs it for so long; what is found goes to the evidence. */
  static void run(Evidence evidence, Path folder, int seconds, long seed) throws Exception {
    evidence.version("seed", String.valueOf(seed));
    evidence.progress("seed " + seed + ", " + seconds + " s");
    new Chaos(evidence, folder, seconds, seed).run(folder);
  }

  private void run(Path folder) throws Exception {
    Files.writeString(policy, POLICIES.get(0));
    String agent = ForkedProxy.agent("reload=200ms,status=0,policy=" + policy);
    try (ChaosUpstream upstream = ChaosUpstream.start(seed);
        ChaosUpstream backend = ChaosUpstream.start(seed + 1);
        ForkedProxy proxy =
            ExistingProxy.PROXY_CORE.start(
                folder, List.of(upstream.port()), List.of(agent), exportingTo(backend.port()));
        ForkedJvm application = application(agent, upstream, backend, proxy);
        JvmState ofProxy = JvmState.of("proxy-core", proxy.jvm());
        JvmState ofApplication = JvmState.of("application", application)) {
      application.awaitOut(line -> line.equals("started"));
      List<JvmState> jvms = List.of(ofProxy, ofApplication);
      disturb(seconds / 3, upstream, backend, jvms);
      Map<JvmState, JvmState.Look> settled = new LinkedHashMap<>();
      for (JvmState jvm : jvms) {
        settled.put(jvm, jvm.look());
      }
      disturb(seconds - seconds / 3, upstream, backend, jvms);
      application.awaitOut(line -> line.equals("ended"));
      upstream.calm();
      replacePolicy(EMPTY);
      awaitEmpty(upstream, jvms);
      requests(application, upstream);
      left(upstream, settled);
      whims(upstream);
    }
  }

  private ForkedJvm application(
      String agent, ChaosUpstream upstream, ChaosUpstream backend, ForkedProxy proxy)
      throws IOException {
    return ForkedJvm.start(
        List.of(
            agent,
            "-cp",
            System.getProperty("java.class.path"),
            ChaosApplication.class.getName(),
            "http://127.0.0.1:" + upstream.port() + "/",
            proxy.address().toString(),
            String.valueOf(seconds),
            String.valueOf(seed)),
        exportingTo(backend.port()));
  }

  private static Map<String, String> exportingTo(int port) {
    return Map.of(
        "OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:" + port,
        "OTEL_METRICS_EXPORTER", "otlp",
        "OTEL_METRIC_EXPORT_INTERVAL", "1000",
        "OTEL_BSP_SCHEDULE_DELAY", "200");
  }

  private void disturb(
      int forSeconds, ChaosUpstream upstream, ChaosUpstream backend, List<JvmState> jvms)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(forSeconds);
    while (System.nanoTime() - end < 0) {
      TimeUnit.MILLISECONDS.sleep(300 + random.nextInt(700));
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> replacePolicy(POLICIES.get(random.nextInt(POLICIES.size())));
        case 3, 4 -> upstream.refuse(100 + random.nextInt(400));
        case 5, 6 -> backend.refuse(500 + random.nextInt(2500));
        default -> jvms.get(random.nextInt(jvms.size())).stop(1000 + random.nextInt(3000));
      }
    }
  }

  /** All at once, so that no half of it is ever read. */
  private void replacePolicy(String text) throws IOException {
    Path next = Files.writeString(policy.resolveSibling("next.yaml"), text);
    Files.move(next, policy, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void awaitEmpty(ChaosUpstream upstream, List<JvmState> jvms) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(EMPTY_SECONDS);
    while (upstream.open() > 0 && System.nanoTime() - deadline < 0) {
      TimeUnit.MILLISECONDS.sleep(100);
    }
    for (JvmState jvm : jvms) {
      while (!isEmpty(jvm) && System.nanoTime() - deadline < 0) {
        TimeUnit.MILLISECONDS.sleep(500);
      }
    }
  }

  /** Each thread remembers the record of the connection that it opened last. */
  private static boolean isEmpty(JvmState jvm) throws Exception {
    JvmState.Look look = jvm.look();
    return look.records() <= look.threads() && jvm.books().isEmpty();
  }

  private void requests(ForkedJvm application, ChaosUpstream upstream) {
    Table table =
        evidence.table(
            "Requests", "client", "sent", "answered", "failed", "answered wrongly", "not ended");
    int answered = 0;
    for (String line : application.out()) {
      if (line.startsWith("books")) {
        String[] words = line.split("\t", -1);
        int[] counts = new int[4];
        for (int i = 0; i < counts.length; i++) {
          counts[i] = Integer.parseInt(words[i + 2]);
        }
        int missing = counts[0] - counts[1] - counts[2] - counts[3];
        answered += counts[1];
        table.row(words[1], counts[0], counts[1], counts[2], counts[3], missing);
        aim(counts[3] == 0, words[1] + ": " + counts[3] + " requests got another one's answer");
        aim(missing == 0, words[1] + ": " + missing + " requests did not end");
        aim(counts[1] > 0, words[1] + ": no request was answered");
      }
    }
    long posts = upstream.executedTwice("POST");
    table.row("executed, of all", upstream.executed());
    table.row("GETs executed twice", upstream.executedTwice("GET"));
    table.row("POSTs executed twice", posts);
    aim(posts == 0, posts + " POSTs were executed more than once");
    aim(
        upstream.executed() >= answered,
        answered + " were answered, but " + upstream.executed() + " executed");
  }

  private void left(ChaosUpstream upstream, Map<JvmState, JvmState.Look> settled) throws Exception {
    Table table =
        evidence.table(
            "What is left", "process", "", "heap KB", "threads", "records", "in the agent's books");
    for (Map.Entry<JvmState, JvmState.Look> entry : settled.entrySet()) {
      String name = entry.getKey().name();
      JvmState.Look before = entry.getValue();
      JvmState.Look after = entry.getKey().look();
      List<String> books = entry.getKey().books();
      table.row(name, "after a third", before.heapKb(), before.threads(), before.records());
      table.row(name, "at the end", after.heapKb(), after.threads(), after.records(), books.size());
      aim(books.isEmpty(), name + ": in the books " + books);
      aim(after.records() <= after.threads(), name + ": " + after.records() + " records are left");
      aim(
          after.threads() <= before.threads() + MORE_THREADS,
          name + ": " + before.threads() + " threads became " + after.threads());
      aim(
          after.heapKb() <= before.heapKb() + MORE_HEAP_KB,
          name + ": " + before.heapKb() + " KB of heap became " + after.heapKb());
    }
    aim(upstream.open() == 0, upstream.open() + " connections to the upstream are left");
  }

  private void whims(ChaosUpstream upstream) {
    Table table = evidence.table("What the upstream did", "", "requests");
    for (ChaosUpstream.Whim whim : ChaosUpstream.Whim.values()) {
      table.row(whim, upstream.did(whim));
    }
    table.row("connections", upstream.connections());
  }

  private void aim(boolean met, String otherwise) {
    if (!met) {
      evidence.missed(otherwise);
    }
  }
}
