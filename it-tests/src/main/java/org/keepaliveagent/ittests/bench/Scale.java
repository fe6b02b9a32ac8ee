package org.keepaliveagent.ittests.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** {@code it-tests/bench scale}: thousands of parked connections. */
final class Scale {
  private static final String USAGE =
      """
      usage: it-tests/bench scale [--json] [--write] [OPTION...]
        --upstreams N    simulated (1000)
        --connections N  simulated, parked, of each upstream (100)
        --real N         real connections, parked, of one upstream (2000)\
      """;

  private static final String ABOUT =
      """
      In simulation the engine, the hooks and the sweep are the real ones, in a JVM of their own, and a connection is
      nothing but an object; time is a number that the simulation moves on. The sweep runs when it asked to be run, and
      findings are looked for once a second, as its thread does. Bytes are of the heap before and after, all garbage
      collected; the connection's own object does not count. Each thread remembers the record of the connection that it opened
      last, so that as many may be left of real ones. Figures of time are of CPU time, but those of a lease are of
      the clock's, medians of seven.

      - **used**: all connections have been used at the same moment.
      - **expiring**: at each moment some have been idle for too long, and as many others are opened.
      - **trimmed**: each upstream has twice as many idle connections as `keepalive` allows; one second.
      - **observed**: the same under `mode: observe`, where they stay.\
      """;

  private static final double MOST_BYTES = 1024;
  private static final double MOST_SWEEP_PERCENT = 5;
  private static final double MOST_LEASE_RATIO = 2;
  private static final List<String> SWEEPS = List.of("used", "expiring", "trimmed", "observed");

  private final Evidence evidence;
  private final Map<String, Double> figures = new TreeMap<>();

  private Scale(Evidence evidence) {
    this.evidence = evidence;
  }

  /** Measures, and exits with 1 where an aim is missed. */
  public static void main(String[] given) throws Exception {
    Arguments arguments = new Arguments(USAGE, given);
    Evidence evidence =
        new Evidence("scale", "Thousands of parked connections", ABOUT, arguments, given);
    int upstreams = arguments.number("--upstreams", 1000);
    int connections = arguments.number("--connections", 100);
    int real = arguments.number("--real", 2000);
    arguments.names(List.of());
    Scale scale = new Scale(evidence);
    scale.simulate(upstreams, connections);
    scale.report(upstreams, connections);
    RealConnections.measure(evidence, Files.createTempDirectory("scale"), real);
    System.exit(evidence.finish());
  }

  private void simulate(int upstreams, int connections) throws IOException, InterruptedException {
    List<String> said =
        PolicyBench.run(
            evidence,
            List.of("-Xmx512m"),
            "org.keepaliveagent.policy.ScaleMeasurement",
            Integer.toString(upstreams),
            Integer.toString(connections));
    for (String line : said) {
      String[] words = line.split(" ", 2);
      figures.put(words[0], Double.parseDouble(words[1]));
    }
  }

  private double figure(String name) {
    return Objects.requireNonNull(figures.get(name), name);
  }

  private void report(int upstreams, int connections) {
    String size = upstreams + " upstreams × " + connections + " connections";
    Table memory = evidence.table("Memory, " + size, "what", "figure");
    memory.row("bytes a connection", Figures.tenths(figure("bytes.connection")));
    memory.row("bytes an upstream", Math.round(figure("bytes.upstream")));
    memory.row("left of connections that were closed", (long) figure("left.closed"));
    memory.row("left of connections that were lost", (long) figure("left.lost"));
    memory.row(
        "bytes left of each upstream once its connections are closed",
        Math.round(figure("left.upstream_bytes")));
    atMost("bytes a connection", figure("bytes.connection"), MOST_BYTES);
    atMost("left of connections that were closed", figure("left.closed"), 0);
    atMost("left of connections that were lost", figure("left.lost"), 0);
    Table sweeps =
        evidence.table(
            "The sweep, " + size, "", "% of a core", "sweeps a second", "ms each", "longest ms");
    for (String name : SWEEPS) {
      double percent = figure("sweep." + name + ".percent");
      sweeps.row(
          name,
          Figures.hundredths(percent),
          Figures.hundredths(figure("sweep." + name + ".per_second")),
          Figures.tenths(figure("sweep." + name + ".each_ms")),
          Figures.tenths(figure("sweep." + name + ".longest_ms")));
      // What is trimmed is trimmed once.
      if (!name.equals("trimmed")) {
        atMost("% of a core for the sweep, " + name, percent, MOST_SWEEP_PERCENT);
      }
    }
    Table leases =
        evidence.table(
            "Lease, send and park of one of " + upstreams * connections + " connections",
            "upstreams",
            "ns");
    for (int over = 1; over <= upstreams; over *= 10) {
      leases.row(over, Figures.tenths(figure("lease." + over + ".ns")));
    }
    atMost(
        "a lease with most upstreams, × with one",
        figure("lease." + largest(upstreams) + ".ns") / figure("lease.1.ns"),
        MOST_LEASE_RATIO);
  }

  private static int largest(int upstreams) {
    int over = 1;
    while (over * 10 <= upstreams) {
      over *= 10;
    }
    return over;
  }

  private void atMost(String what, double is, double most) {
    if (is > most) {
      evidence.missed("%s ≤ %.1f, but it is %.1f".formatted(what, most, is));
    }
  }
}
