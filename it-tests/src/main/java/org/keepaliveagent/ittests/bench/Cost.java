package org.keepaliveagent.ittests.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** {@code it-tests/bench cost}: what the agent costs a request, and a start. */
final class Cost {
  private static final String USAGE =
      """
      usage: it-tests/bench cost [--json] [--write] [OPTION...] [PART...]
        PART          start-up, hooks, proxy-core, undertow, reactor-netty; all of them where none is named
        --forks N     JVMs of each variant, one after the other (2)
        --warm-up N   requests to each before any counts (40000)
        --rounds N    pairs with each variant, of one request at a time (5)
        --requests N  in each half of such a pair (4000)
        --pairs N     pairs with each variant, of 16 requests at once (20)
        --starts N    starts of each program (7)\
      """;

  private static final String ABOUT =
      """
      Each proxy runs in a JVM for each variant, all in front of one upstream, and they take turns: a pair is the proxy
      without any agent and one variant, directly after each other, in alternating order. *Without, another JVM* has no
      agent either: it shows what two JVMs of the same program differ by. Every request carries a
      `traceparent`: sampled for *100 % sampled* and for the OpenTelemetry agent, else not sampled. *observe* and
      *enforce* have `telemetry=off`; what exports does so by OTLP to a receiver on loopback. The OpenTelemetry agent has
      only the instrumentations of this proxy's server and client. Of *100 % sampled*, the bytes of the application's
      threads are held against those of the OpenTelemetry agent that exports nowhere, and all bytes against all of the one
      that exports too: a third of either is the aim.

      - **bytes**: allocated by the application's threads, and by the agent's own, in the process's own
        `com.sun.management.ThreadMXBean`, the threads that answer the question left out. Load on the machine does not
        change them; what the compiler could remove does.
      - **system calls**: of the whole process, by `perf stat -e raw_syscalls:sys_enter`, one request at a time.
      - **CPU**: what the process's threads ran, by `/proc/PID/task/*/schedstat`, 16 requests at once; the median of the
        pairs' ratios. With **p99**, a matter of the machine's quietness.\
      """;

  private static final List<String> PARTS =
      List.of("start-up", "hooks", "proxy-core", "undertow", "reactor-netty");

  private Cost() {}

  /** Measures, and exits with 1 where an aim is missed. */
  public static void main(String[] given) throws Exception {
    Arguments arguments = new Arguments(USAGE, given);
    Evidence evidence = new Evidence("cost", "What the agent costs", ABOUT, arguments, given);
    int forks = arguments.number("--forks", 2);
    int starts = arguments.number("--starts", 7);
    CostRun.Sizes sizes =
        new CostRun.Sizes(
            arguments.number("--warm-up", 40_000),
            arguments.number("--rounds", 5),
            arguments.number("--requests", 4_000),
            arguments.number("--pairs", 20));
    List<String> parts = arguments.names(PARTS);
    Path folder = Files.createTempDirectory("cost");
    if (parts.contains("start-up")) {
      StartUp.measure(evidence, folder, starts);
    }
    if (parts.contains("hooks")) {
      HooksCost.measure(evidence, folder, forks);
    }
    boolean countCalls = SystemCalls.canBeCounted(evidence);
    for (CostProxy proxy : CostProxy.values()) {
      if (parts.contains(proxy.title())) {
        CostRun run = new CostRun(proxy, sizes, countCalls);
        for (int fork = 1; fork <= forks; fork++) {
          evidence.progress(proxy.title() + ", JVMs " + fork + " of " + forks);
          run.fork(folder, evidence);
        }
        run.report(evidence);
      }
    }
    System.exit(evidence.finish());
  }
}
