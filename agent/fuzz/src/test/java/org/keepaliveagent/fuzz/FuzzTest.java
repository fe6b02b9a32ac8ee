package org.keepaliveagent.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.keepaliveagent.config.NginxFuzz;
import org.keepaliveagent.config.YamlFuzz;
import org.keepaliveagent.policy.HeaderFuzz;
import org.keepaliveagent.policy.PatternFuzz;
import org.keepaliveagent.telemetry.ParentFuzz;

/**
 * A bounded run of each fuzzer, from the committed corpus on: no exception but the declared ones,
 * no hang, memory bounded. A long run: {@code -Dtest=FuzzTest -Dkeepalive.fuzz.runs=10000000}; what
 * it finds worth keeping goes to the folder that {@code -Dkeepalive.fuzz.corpus} names.
 */
class FuzzTest {
  private static final List<Class<?>> TARGETS =
      List.of(
          YamlFuzz.class, NginxFuzz.class, HeaderFuzz.class, PatternFuzz.class, ParentFuzz.class);
  private static final int SECONDS_FOR_ONE_INPUT = 10;

  @TempDir Path found;

  @ParameterizedTest
  @CsvSource({
    "YamlFuzz, 10000",
    "NginxFuzz, 50000",
    "HeaderFuzz, 100000",
    "PatternFuzz, 100000",
    "ParentFuzz, 100000",
  })
  void nothingBreaks(String name, int runs) throws Exception {
    String target =
        TARGETS.stream()
            .filter(each -> each.getSimpleName().equals(name))
            .findFirst()
            .orElseThrow()
            .getName();
    long wanted = Long.getLong("keepalive.fuzz.runs", runs);
    Path kept = Path.of(System.getProperty("keepalive.fuzz.corpus", found.toString()), name);
    Files.createDirectories(kept);
    Path seeds = Path.of("src/test/corpus", name).toAbsolutePath();
    Process fuzzer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+EnableDynamicAgentLoading",
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + target,
                "--instrumentation_includes=org.keepaliveagent.**",
                "--reproducer_path=" + found,
                "-artifact_prefix=" + found + "/",
                "-runs=" + wanted,
                "-max_len=4096",
                "-timeout=" + SECONDS_FOR_ONE_INPUT,
                "-seed=1",
                kept.toString(),
                seeds.toString())
            .directory(found.toFile())
            .redirectErrorStream(true)
            .redirectOutput(found.resolve("log").toFile())
            .start();
    boolean ended = fuzzer.waitFor(wanted == runs ? 180 : 86_400, TimeUnit.SECONDS);
    fuzzer.destroyForcibly().waitFor();
    String said = said();
    assertTrue(ended, said);
    assertEquals(0, fuzzer.exitValue(), said);
    assertTrue(said.contains("Done " + wanted + " runs"), said);
    System.out.println(said.substring(said.indexOf("Done " + wanted)).strip());
  }

  private String said() throws IOException {
    String all = Files.readString(found.resolve("log"), UTF_8);
    return all.substring(Math.max(0, all.length() - 4000));
  }
}
