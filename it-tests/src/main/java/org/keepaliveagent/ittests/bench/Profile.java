package org.keepaliveagent.ittests.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.keepaliveagent.ittests.ForkedProxy;

/** {@code it-tests/bench profile}: where the bytes and the system calls of a request come from. */
final class Profile {
  private static final String USAGE =
      """
      usage: it-tests/bench profile [--json] [--write] [OPTION...] [PART...]
        PART          start-up, proxy-core, undertow, reactor-netty; all of them where none is named
        --warm-up N   requests to each before any counts (40000)
        --requests N  while it is recorded (20000), and five times as many at once for the CPU
        --starts N    starts of the program (12)\
      """;

  private static final String ABOUT =
      """
      What `it-tests/bench cost` counts, by its origin. Each proxy runs once for each variant, one after the other, and
      answers one request at a time; 16 at once for the samples of CPU time.

      - **bytes**: by async-profiler, which is told to sample each allocation. A row is a class and
        the method that allocates it, with the agent's method next to it where the agent is on the stack; what is shown is
        the difference of a request with the variant and one without any agent. Bytes that one row has more and another
        less are those of an object that the compiler makes elsewhere. Differences below 8 bytes are not shown; the sum is
        of all.
      - **CPU samples**: by async-profiler, of the whole process. The agent's are those with its code on the stack, its
        advice's calls included. What it makes of the code around it (what no longer fits into a compiled method, say) is
        not in them.
      - **CPU time** of a program that makes one request: by async-profiler, of all threads from start to end; each
        stack counts for the first row that it fits, and what the JVM did before the profiler ran is shared among the rows.
      - **system calls**: of the whole process, by the tracepoints `syscalls:sys_enter_*` and `perf stat`.\
      """;

  private static final List<CostVariant> VARIANTS =
      List.of(
          CostVariant.WITHOUT,
          CostVariant.WITHOUT_AGAIN,
          CostVariant.OBSERVE,
          CostVariant.ENFORCE,
          CostVariant.UNSAMPLED,
          CostVariant.SAMPLED);

  private static final List<String> PROFILED =
      List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:+DebugNonSafepoints");

  private static final double LEAST_BYTES = 8;
  private static final int MOST_ROWS = 16;
  private static final double LEAST_CALLS = 0.005;

  private final Evidence evidence;
  private final AsyncProfiler profiler;
  private final int warmUp;
  private final int requests;
  private final boolean countCalls;

  /** What a variant did, each request. */
  private record Found(
      AllocationProfile bytes, Map<String, Double> calls, List<AsyncProfiler.Stack> cpu) {}

  private Profile(
      Evidence evidence, AsyncProfiler profiler, int warmUp, int requests, boolean countCalls) {
    this.evidence = evidence;
    this.profiler = profiler;
    this.warmUp = warmUp;
    this.requests = requests;
    this.countCalls = countCalls;
  }

  public static void main(String[] given) throws Exception {
    Arguments arguments = new Arguments(USAGE, given);
    Evidence evidence =
        new Evidence("profile", "Where the agent's cost comes from", ABOUT, arguments, given);
    int warmUp = arguments.number("--warm-up", 40_000);
    int requests = arguments.number("--requests", 20_000);
    int starts = arguments.number("--starts", 12);
    List<String> known = new ArrayList<>(List.of("start-up"));
    for (CostProxy proxy : CostProxy.values()) {
      known.add(proxy.title());
    }
    List<String> parts = arguments.names(known);
    Path folder = Files.createTempDirectory("profile");
    AsyncProfiler profiler = AsyncProfiler.in(folder);
    if (parts.contains("start-up")) {
      StartUpProfile.measure(evidence, profiler, folder, starts);
    }
    boolean countCalls = SystemCalls.canBeCounted(evidence);
    Profile profile = new Profile(evidence, profiler, warmUp, requests, countCalls);
    for (CostProxy proxy : CostProxy.values()) {
      if (parts.contains(proxy.title())) {
        profile.of(proxy, folder);
      }
    }
    System.exit(evidence.finish());
  }

  private void of(CostProxy proxy, Path folder) throws IOException, InterruptedException {
    Map<CostVariant, Found> found = new EnumMap<>(CostVariant.class);
    for (CostVariant variant : VARIANTS) {
      evidence.progress(proxy.title() + ", " + variant.title());
      found.put(variant, found(proxy, variant, folder));
    }
    Found without = Objects.requireNonNull(found.get(CostVariant.WITHOUT));
    for (CostVariant variant : VARIANTS) {
      if (variant != CostVariant.WITHOUT) {
        bytes(proxy, variant, without, Objects.requireNonNull(found.get(variant)));
      }
    }
    if (countCalls) {
      calls(proxy, found);
    }
    cpu(proxy, found);
  }

  private Found found(CostProxy proxy, CostVariant variant, Path folder)
      throws IOException, InterruptedException {
    try (SteadyUpstream upstream = SteadyUpstream.start();
        SpanSink sink = SpanSink.start();
        ForkedProxy forked = proxy.start(variant, PROFILED, folder, upstream.port(), sink);
        SteadyLoad load = SteadyLoad.connect(forked.address().getPort(), 1, variant.flags());
        SteadyLoad many =
            SteadyLoad.connect(forked.address().getPort(), CostRun.AT_ONCE, variant.flags())) {
      many.send(warmUp);
      load.send(warmUp);
      Map<String, Double> calls = new HashMap<>();
      if (countCalls) {
        SystemCalls counted = SystemCalls.byName(forked.jvm().pid(), folder);
        load.send(requests);
        counted.endByName().forEach((name, count) -> calls.put(name, (double) count / requests));
      }
      long pid = forked.jvm().pid();
      List<AsyncProfiler.Stack> cpu = profiler.cpu(pid, () -> many.send(requests * 5));
      List<AsyncProfiler.Stack> stacks = profiler.allocations(pid, () -> load.send(requests));
      return new Found(new AllocationProfile(stacks, requests), calls, cpu);
    }
  }

  private void bytes(CostProxy proxy, CostVariant variant, Found without, Found with) {
    Table table =
        evidence.table(
            proxy.title() + ", " + variant.title() + ": bytes a request, by origin",
            "threads",
            "class",
            "method",
            "without",
            "with",
            "added");
    Set<AllocationProfile.Site> sites = new HashSet<>(with.bytes().bytes().keySet());
    sites.addAll(without.bytes().bytes().keySet());
    sites.stream()
        .map(site -> new Difference(site, without.bytes().at(site), with.bytes().at(site)))
        .filter(difference -> Math.abs(difference.added()) >= LEAST_BYTES)
        .sorted(Comparator.comparingDouble(difference -> -Math.abs(difference.added())))
        .limit(MOST_ROWS)
        .forEach(difference -> difference.into(table));
    for (String threads : List.of("application", "agent")) {
      AllocationProfile.Site all = new AllocationProfile.Site(threads, "all", "");
      new Difference(all, without.bytes().all(threads), with.bytes().all(threads)).into(table);
    }
  }

  /** Bytes a request of one site. */
  private record Difference(AllocationProfile.Site site, double without, double with) {
    double added() {
      return with - without;
    }

    void into(Table table) {
      table.row(
          site.threads(),
          site.className(),
          site.method(),
          Math.round(without),
          Math.round(with),
          Math.round(added()));
    }
  }

  private void calls(CostProxy proxy, Map<CostVariant, Found> found) {
    List<String> columns = new ArrayList<>(List.of("call"));
    Set<String> names = new TreeSet<>();
    found.forEach(
        (variant, of) -> {
          columns.add(variant.title());
          of.calls().entrySet().stream()
              .filter(entry -> entry.getValue() >= LEAST_CALLS)
              .forEach(entry -> names.add(entry.getKey()));
        });
    Table table =
        evidence.table(
            proxy.title() + ": system calls a request, by name", columns.toArray(new String[0]));
    for (String name : names) {
      List<Object> row = new ArrayList<>(List.of(name));
      found
          .values()
          .forEach(of -> row.add(Figures.thousandths(of.calls().getOrDefault(name, 0.0))));
      table.row(row.toArray());
    }
  }

  private void cpu(CostProxy proxy, Map<CostVariant, Found> found) {
    Table table =
        evidence.table(
            proxy.title() + ": CPU samples, %",
            "variant",
            "the agent, on the application's threads",
            "the agent's own threads",
            "the JVM's compilers",
            "everything else",
            "samples");
    found.forEach(
        (variant, of) -> {
          long all = AsyncProfiler.amount(of.cpu(), stack -> true);
          double compilers = percent(of, all, AsyncProfiler.Stack::isCompilers);
          double own = percent(of, all, stack -> Vitals.isAgents(stack.thread()));
          double hooks =
              percent(of, all, stack -> !Vitals.isAgents(stack.thread()) && stack.isAgents());
          table.row(
              variant.title(),
              Figures.hundredths(hooks),
              Figures.hundredths(own),
              Figures.hundredths(compilers),
              Figures.hundredths(100 - hooks - own - compilers),
              all);
        });
  }

  private static double percent(Found of, long all, Predicate<AsyncProfiler.Stack> which) {
    return AsyncProfiler.amount(of.cpu(), which) * 100.0 / all;
  }
}
