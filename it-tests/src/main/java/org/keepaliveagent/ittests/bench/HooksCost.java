package org.keepaliveagent.ittests.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What the hooks of one exchange take, by JMH. */
final class HooksCost {
  private static final String MEMORY = "gc.alloc.rate.norm";

  private HooksCost() {}

  /** Runs the benchmark, and adds its figures and its missed aims. */
  static void measure(Evidence evidence, Path folder, int forks)
      throws IOException, InterruptedException {
    Path result = folder.resolve("jmh.json");
    PolicyBench.run(
        evidence,
        List.of(),
        "org.openjdk.jmh.Main",
        "HooksBenchmark",
        "-f",
        Integer.toString(forks),
        "-prof",
        "gc",
        "-rf",
        "json",
        "-rff",
        result.toString());
    Table table =
        evidence.table(
            "The hooks alone, by JMH",
            "benchmark",
            "connections",
            "ns per exchange",
            "± ns",
            "bytes per exchange");
    for (Object each : (List<?>) parsed(result)) {
      Map<?, ?> run = (Map<?, ?>) each;
      Map<?, ?> time = map(run, "primaryMetric");
      String name = String.valueOf(run.get("benchmark")).replaceFirst(".*\\.", "");
      String connections = String.valueOf(map(run, "params").get("connections"));
      double bytes = Figures.tenths(number(map(map(run, "secondaryMetrics"), MEMORY), "score"));
      table.row(
          name,
          connections.equals("0") ? "no agent" : connections,
          Figures.tenths(number(time, "score")),
          Figures.tenths(number(time, "scoreError")),
          bytes);
      if (bytes >= 0.5) {
        evidence.missed(name + " allocates nothing: it allocates " + bytes + " bytes");
      }
    }
  }

  private static Object parsed(Path json) throws IOException {
    return new Load(LoadSettings.builder().build()).loadFromString(Files.readString(json));
  }

  private static Map<?, ?> map(Map<?, ?> of, String key) {
    return (Map<?, ?>) Objects.requireNonNull(of.get(key), key);
  }

  private static double number(Map<?, ?> of, String key) {
    return Double.parseDouble(String.valueOf(of.get(key)));
  }
}
