package org.keepaliveagent.ittests.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Where the CPU time of a program goes that makes one request under the agent. */
final class StartUpProfile {
  /** Where CPU time goes, and the stacks that show it. */
  private record Origin(String title, Predicate<AsyncProfiler.Stack> fits) {}

  /** The first that fits a stack is its origin. */
  private static final List<Origin> ORIGINS =
      List.of(
          new Origin("the JVM's compilers", AsyncProfiler.Stack::isCompilers),
          new Origin(
              "defining classes for the agent",
              stack -> among(stack, "defineClass") && stack.isAgents()),
          new Origin(
              "reading and inflating them", stack -> among(stack, "KeepaliveAgent.classFile")),
          new Origin("Byte Buddy, interpreted", stack -> among(stack, "net/bytebuddy/")),
          new Origin("the agent, interpreted", AsyncProfiler.Stack::isAgents),
          new Origin("the program and the rest of the JVM", stack -> true));

  private StartUpProfile() {}

  /** Runs it so many times, without and with the agent, and adds the table. */
  static void measure(Evidence evidence, AsyncProfiler profiler, Path folder, int starts)
      throws IOException, InterruptedException {
    Map<StartUp.Beside, Map<Origin, Double>> shares = new EnumMap<>(StartUp.Beside.class);
    try (SteadyUpstream upstream = SteadyUpstream.start()) {
      List<String> command = StartUp.oneRequest(folder, upstream.port());
      for (int i = 0; i < starts; i++) {
        for (StartUp.Beside beside : List.of(StartUp.Beside.NOTHING, StartUp.Beside.KEEPALIVE)) {
          Path file = folder.resolve("cpu.txt");
          List<String> options =
              Stream.concat(Stream.of(profiler.cpuOption(file)), beside.jvmOptions().stream())
                  .toList();
          double millis = StartUp.cpuMillis(options, command) / starts;
          List<AsyncProfiler.Stack> stacks = AsyncProfiler.stacks(file);
          double samples = AsyncProfiler.amount(stacks, stack -> true);
          Map<Origin, Double> of = shares.computeIfAbsent(beside, b -> new HashMap<>());
          for (AsyncProfiler.Stack stack : stacks) {
            of.merge(origin(stack), millis * stack.amount() / samples, Double::sum);
          }
        }
        evidence.progress("start " + (i + 1) + " of " + starts);
      }
    }
    Table table =
        evidence.table(
            "One request by HttpURLConnection: ms of CPU time, by origin",
            "origin",
            "without",
            "with",
            "added");
    for (Origin origin : ORIGINS) {
      double without = at(shares, StartUp.Beside.NOTHING, origin);
      double with = at(shares, StartUp.Beside.KEEPALIVE, origin);
      table.row(origin.title, Math.round(without), Math.round(with), Math.round(with - without));
    }
  }

  private static double at(
      Map<StartUp.Beside, Map<Origin, Double>> shares, StartUp.Beside beside, Origin origin) {
    return Objects.requireNonNull(shares.get(beside)).getOrDefault(origin, 0.0);
  }

  private static Origin origin(AsyncProfiler.Stack stack) {
    return ORIGINS.stream().filter(origin -> origin.fits.test(stack)).findFirst().orElseThrow();
  }

  private static boolean among(AsyncProfiler.Stack stack, String part) {
    return stack.frames().stream().anyMatch(frame -> frame.contains(part));
  }
}
