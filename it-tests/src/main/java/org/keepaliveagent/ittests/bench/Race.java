package org.keepaliveagent.ittests.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.keepaliveagent.ittests.BurstLoad;
import org.keepaliveagent.ittests.ForkedProxy;
import org.keepaliveagent.ittests.IdleClosingUpstream.Ending;
import org.keepaliveagent.ittests.Upstream;

/**
 * {@code it-tests/bench race}: the requests that a proxy loses, or executes twice, because its
 * upstream closes the connection that it has just chosen.
 */
final class Race {
  private static final String USAGE =
      """
      usage: it-tests/bench race [--requests N] [--json] [--write] [PROXY...]
        --requests N  of each row (default 10000)
        PROXY         proxy-core undertow jetty spring-cloud-gateway nginx nginx-tuned haproxy""";
  private static final String ABOUT =
      """
      Clients send at once, wait for all answers, and send again just before the upstream closes the idle connections:
      3 ± 4 ms before its time-out. Half of the requests are GET, half POST with a body; a request is failed when its
      client does not get its 200, and executions are counted by request id at the upstream. Sixty bursts before those that
      count warm the proxy up, and teach the agent the time-out; what was lost in them stands in a column of its own. The
      JVM's proxies are as their quick starts have them, with the agent under the policy `next_upstream: [error, timeout]`;
      proxy-core has nginx's own configuration, and no policy but that one. The hand-tuned nginx knows 0.6 of the
      upstream's time-out, and no peer is set aside (`max_fails=0`: with nginx's default of 1 two backends that both lost a
      request leave none, and everything fails). There are 50 clients, for Undertow 20, as many as its example has connections for.
      """;
  private static final int GAP_BEFORE_MILLIS = 3;
  private static final int JITTER_MILLIS = 4;
  private static final int WARM_UP_BURSTS = 60;
  private static final int LONGEST_MILLIS = 60_000;
  private static final double TUNED = 0.6;

  private final Path folder;
  private final Evidence evidence;
  private final Table table;
  private final int requests;

  private Race(Path folder, Evidence evidence, int requests) {
    this.folder = folder;
    this.evidence = evidence;
    this.requests = requests;
    table =
        evidence.table(
            "Failed and doubled requests",
            "proxy",
            "agent",
            "upstream",
            "backends",
            "requests",
            "GET failed of 100,000",
            "POST failed of 100,000",
            "GETs executed twice",
            "POSTs executed twice",
            "connections opened",
            "failed in the warm-up");
  }

  /** Runs it; the working directory is {@code it-tests}. */
  public static void main(String[] given) throws Exception {
    Arguments arguments = new Arguments(USAGE, given);
    Evidence evidence = new Evidence("race", "The keepalive race", ABOUT, arguments, given);
    int requests = arguments.number("--requests", 10_000);
    List<String> names =
        arguments.names(Arrays.stream(RaceProxy.values()).map(RaceProxy::argument).toList());
    Path folder = Files.createTempDirectory("keepalive-race");
    try {
      Race race = new Race(folder, evidence, requests);
      List<RaceUpstream> upstreams =
          List.of(
              RaceUpstream.node(),
              RaceUpstream.scripted(Ending.FIN),
              RaceUpstream.scripted(Ending.RESET));
      for (RaceUpstream upstream : upstreams) {
        for (int backends = 1; backends <= 2; backends++) {
          for (RaceProxy proxy : RaceProxy.values()) {
            if (names.contains(proxy.argument())) {
              race.rows(proxy, upstream, backends);
            }
          }
        }
      }
    } finally {
      delete(folder);
    }
    System.exit(evidence.finish());
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private void rows(RaceProxy proxy, RaceUpstream upstream, int backends) throws Exception {
    row(proxy, upstream, backends, "without", List.of());
    if (proxy.takesAgent()) {
      Path policy = Path.of("demo.yaml").toAbsolutePath();
      row(proxy, upstream, backends, "with", List.of(ForkedProxy.agent("policy=" + policy)));
    }
  }

  private void row(
      RaceProxy proxy, RaceUpstream upstream, int backends, String agent, List<String> jvmOptions)
      throws Exception {
    int tunedMillis = (int) (upstream.idleMillis() * TUNED);
    String title = proxy.title(tunedMillis);
    if (!proxy.balances(backends)) {
      notRun(title, agent, upstream, backends, "its quick start has one upstream");
      return;
    }
    try (Upstream server = upstream.start(backends);
        RaceProxy.Running running = proxy.start(folder, server.ports(), tunedMillis, jvmOptions)) {
      int clients = proxy.clients();
      int gap = upstream.idleMillis() - GAP_BEFORE_MILLIS;
      int longest = LONGEST_MILLIS / upstream.idleMillis();
      int bursts = Math.min(longest, (requests + clients - 1) / clients);
      BurstLoad.Seen learning =
          BurstLoad.bursts(
              running.port(),
              clients,
              gap,
              JITTER_MILLIS,
              Math.min(WARM_UP_BURSTS, longest / 2),
              1);
      int connections = server.connections();
      BurstLoad.Seen seen =
          BurstLoad.bursts(running.port(), clients, gap, JITTER_MILLIS, bursts, 2);
      int posts = server.postsExecutedTwice();
      int gets = server.executedTwice() - posts;
      table.row(
          title,
          agent,
          upstream.title(),
          backends,
          seen.requests(),
          ofHundredThousand(seen.failedGet(), seen.gets()),
          ofHundredThousand(seen.failedPost(), seen.requests() - seen.gets()),
          gets,
          posts,
          server.connections() - connections,
          learning.failedGet() + learning.failedPost());
      String row =
          String.format(
              Locale.ROOT,
              "%s %s the agent, %s, %d backends: of %d requests %d GET and %d POST failed, %d executed twice",
              title,
              agent,
              upstream.title(),
              backends,
              seen.requests(),
              seen.failedGet(),
              seen.failedPost(),
              gets + posts);
      evidence.progress(row);
      if (agent.equals("with") && seen.failedGet() + seen.failedPost() + gets + posts > 0) {
        evidence.missed(row);
      }
    } catch (IOException absent) {
      notRun(title, agent, upstream, backends, String.valueOf(absent.getMessage()));
    }
  }

  private void notRun(
      String title, String agent, RaceUpstream upstream, int backends, String reason) {
    table.row(title, agent, upstream.title(), backends, "not run: " + reason.replace('\n', ' '));
    evidence.progress(title + " " + agent + " not run: " + reason);
  }

  private static long ofHundredThousand(int failed, int of) {
    return failed == 0 ? 0 : Math.max(1, Math.round(100_000.0 * failed / of));
  }
}
