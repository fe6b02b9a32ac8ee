package org.keepaliveagent.ittests.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/** The pairs of one proxy, of several JVMs one after the other, and what they say. */
final class CostRun {
  /** How much is measured. */
  record Sizes(int warmUp, int rounds, int requests, int pairs) {}

  /** Requests, where several are under way. */
  static final int AT_ONCE = 16;

  private static final int AT_ONCE_REQUESTS = 1600;

  /** What the measurement of bytes and of calls resolves, as a share of the bare proxy's. */
  private static final double BYTES_RESOLVED = 0.002;

  private static final double CALLS_RESOLVED = 0.01;
  private static final double MOST_CPU = 1.03;
  private static final double MOST_P99 = 1.05;

  private final CostProxy proxy;
  private final Sizes sizes;
  private final boolean countCalls;
  private final Map<CostVariant, List<CostRig.Pair>> single = new EnumMap<>(CostVariant.class);
  private final Map<CostVariant, List<CostRig.Pair>> many = new EnumMap<>(CostVariant.class);

  CostRun(CostProxy proxy, Sizes sizes, boolean countCalls) {
    this.proxy = proxy;
    this.sizes = sizes;
    this.countCalls = countCalls;
  }

  /** Measures a set of new JVMs. */
  void fork(Path folder, Evidence evidence) throws IOException, InterruptedException {
    try (CostRig rig = CostRig.start(proxy, List.of(CostVariant.values()), folder)) {
      evidence.progress("  warming up");
      rig.warmUp(sizes.warmUp, AT_ONCE);
      evidence.progress("  one request at a time");
      add(single, rig.oneAtATime(sizes.rounds, sizes.requests, countCalls));
      evidence.progress("  " + AT_ONCE + " at once");
      add(many, rig.atOnce(sizes.pairs, AT_ONCE_REQUESTS, AT_ONCE));
    }
  }

  private static void add(
      Map<CostVariant, List<CostRig.Pair>> to, Map<CostVariant, List<CostRig.Pair>> more) {
    more.forEach(
        (variant, pairs) -> to.computeIfAbsent(variant, v -> new ArrayList<>()).addAll(pairs));
  }

  /** Adds its tables, and the aims that it missed. */
  void report(Evidence evidence) {
    Table exact =
        evidence.table(
            proxy.title() + ": bytes and system calls a request",
            "variant",
            "bytes",
            "bytes added",
            "±",
            "bytes of the agent's own threads",
            "system calls",
            "system calls added",
            "±");
    Table paired =
        evidence.table(
            proxy.title() + ": CPU and p99 in pairs",
            "variant",
            "CPU µs a request",
            "× without",
            "±",
            "p99 ms",
            "× without",
            "±",
            "pairs");
    List<CostRig.Pair> all = single.values().stream().flatMap(List::stream).toList();
    double bytes = Figures.median(all, pair -> pair.without().bytes());
    double calls = Figures.median(all, pair -> pair.without().callsEach());
    exact.row(CostVariant.WITHOUT.title(), Math.round(bytes), "", "", "", shown(calls));
    for (CostVariant variant : single.keySet()) {
      exact(exact, variant);
      paired(paired, variant);
    }
    judge(evidence, bytes, calls);
  }

  private void exact(Table table, CostVariant variant) {
    List<CostRig.Pair> pairs = pairs(single, variant);
    table.row(
        variant.title(),
        Math.round(Figures.median(pairs, pair -> pair.with().bytes())),
        Figures.tenths(Figures.median(pairs, CostRun::bytesAdded)),
        Figures.tenths(Figures.scatter(pairs, CostRun::bytesAdded)),
        Figures.tenths(Figures.median(pairs, pair -> pair.with().agentBytes())),
        shown(Figures.median(pairs, pair -> pair.with().callsEach())),
        shown(Figures.median(pairs, CostRun::callsAdded)),
        shown(Figures.scatter(pairs, CostRun::callsAdded)));
  }

  private void paired(Table table, CostVariant variant) {
    List<CostRig.Pair> pairs = pairs(many, variant);
    table.row(
        variant.title(),
        Figures.tenths(Figures.median(pairs, pair -> cpu(pair.with()) / 1000)),
        Figures.thousandths(Figures.median(pairs, CostRun::cpuRatio)),
        Figures.thousandths(Figures.scatter(pairs, CostRun::cpuRatio)),
        Figures.hundredths(Figures.median(pairs, pair -> pair.with().p99Nanos() / 1e6)),
        Figures.thousandths(Figures.median(pairs, CostRun::p99Ratio)),
        Figures.thousandths(Figures.scatter(pairs, CostRun::p99Ratio)),
        pairs.size());
  }

  private void judge(Evidence evidence, double bytes, double calls) {
    for (CostVariant variant :
        List.of(CostVariant.OBSERVE, CostVariant.ENFORCE, CostVariant.UNSAMPLED)) {
      atMost(evidence, variant, "bytes added", single, CostRun::bytesAdded, bytes * BYTES_RESOLVED);
      if (countCalls) {
        atMost(
            evidence, variant, "calls added", single, CostRun::callsAdded, calls * CALLS_RESOLVED);
      }
      atMost(evidence, variant, "CPU, × without", many, CostRun::cpuRatio, MOST_CPU);
      atMost(evidence, variant, "p99, × without", many, CostRun::p99Ratio, MOST_P99);
    }
    // Like with like: what the application's threads pay, and all of it where both export.
    atMostThird(evidence, CostVariant.OPENTELEMETRY, "bytes added", CostRun::bytesAdded);
    atMostThird(
        evidence, CostVariant.OPENTELEMETRY_EXPORTING, "all bytes added", CostRun::allBytesAdded);
  }

  private void atMostThird(
      Evidence evidence, CostVariant of, String what, ToDoubleFunction<CostRig.Pair> figure) {
    double theirs = Figures.median(pairs(single, of), figure);
    atMost(evidence, CostVariant.SAMPLED, what, single, figure, theirs / 3);
  }

  private void atMost(
      Evidence evidence,
      CostVariant variant,
      String what,
      Map<CostVariant, List<CostRig.Pair>> in,
      ToDoubleFunction<CostRig.Pair> figure,
      double most) {
    double is = Figures.median(pairs(in, variant), figure);
    double control = Figures.median(pairs(in, CostVariant.WITHOUT_AGAIN), figure);
    if (is > most) {
      evidence.missed(
          "%s, %s: %s ≤ %.3f, but it is %.3f; of another JVM without any agent %.3f"
              .formatted(proxy.title(), variant.title(), what, most, is, control));
    }
  }

  private static List<CostRig.Pair> pairs(
      Map<CostVariant, List<CostRig.Pair>> of, CostVariant variant) {
    return Objects.requireNonNull(of.get(variant));
  }

  private static double bytesAdded(CostRig.Pair pair) {
    return pair.with().bytes() - pair.without().bytes();
  }

  private static double allBytesAdded(CostRig.Pair pair) {
    return bytesAdded(pair) + pair.with().agentBytes();
  }

  private static double callsAdded(CostRig.Pair pair) {
    return pair.with().callsEach() - pair.without().callsEach();
  }

  private static double cpu(CostRig.Slice slice) {
    return (double) slice.ranNanos() / slice.requests();
  }

  private static double cpuRatio(CostRig.Pair pair) {
    return cpu(pair.with()) / cpu(pair.without());
  }

  private static double p99Ratio(CostRig.Pair pair) {
    return (double) pair.with().p99Nanos() / pair.without().p99Nanos();
  }

  private Object shown(double calls) {
    return countCalls ? Figures.hundredths(calls) : "not run";
  }
}
