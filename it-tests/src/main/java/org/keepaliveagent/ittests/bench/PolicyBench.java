package org.keepaliveagent.ittests.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.keepaliveagent.ittests.ForkedJvm;

/** Programs of {@code agent/policy-bench}, each in a JVM of its own. */
final class PolicyBench {
  private static final Path TARGET = Path.of("..", "agent", "policy-bench", "target");

  private static final Duration PATIENCE = Duration.ofMinutes(20);

  private PolicyBench() {}

  /** Runs one to its end. */
  static List<String> run(Evidence evidence, List<String> jvmOptions, String... mainAndArguments)
      throws IOException, InterruptedException {
    String libraries = Files.readString(TARGET.resolve("bench.classpath")).strip();
    List<String> command = new ArrayList<>(jvmOptions);
    command.addAll(List.of("-cp", TARGET.resolve("classes") + ":" + libraries));
    command.addAll(List.of(mainAndArguments));
    evidence.progress("running " + String.join(" ", mainAndArguments));
    try (ForkedJvm jvm = ForkedJvm.start(command, Map.of())) {
      if (jvm.awaitExit(PATIENCE) != 0) {
        throw new IOException("it failed: " + jvm.out() + jvm.err());
      }
      return jvm.out();
    }
  }
}
