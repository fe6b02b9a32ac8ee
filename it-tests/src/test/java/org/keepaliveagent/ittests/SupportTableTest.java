package org.keepaliveagent.ittests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * The support table is made from what the adapters' tests of this build wrote down. With {@code
 * -Dkeepalive.docs=write} the results of this JDK are taken into it; else a stale one fails.
 */
class SupportTableTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path DATA = ROOT.resolve("agent/docs/compatibility.tsv");
  private static final Path PAGE = ROOT.resolve("agent/docs/compatibility.md");
  private static final int JDK = Runtime.version().feature();

  @Test
  void theTableIsWhatTheTestsOfThisBuildSay() throws IOException {
    List<SupportResult> now = resultsOfThisBuild();
    Assumptions.assumeFalse(now.isEmpty(), "no adapter was tested in this build");
    for (SupportResult result : now) {
      assertTrue(!result.outcome().equals("failed"), result + " failed");
    }
    List<SupportResult> committed = SupportResult.read(DATA);
    if ("write".equals(System.getProperty("keepalive.docs"))) {
      TreeSet<SupportResult> all = new TreeSet<>(now);
      committed.stream().filter(result -> result.jdk() != JDK).forEach(all::add);
      committed = List.copyOf(all);
      SupportResult.write(DATA, committed);
    }
    List<SupportResult> ofThisJdk =
        committed.stream().filter(result -> result.jdk() == JDK).toList();
    Assumptions.assumeFalse(ofThisJdk.isEmpty(), "the table says nothing of JDK " + JDK);
    assertEquals(
        lines(now), lines(ofThisJdk), "run ./mvnw -B verify -Dkeepalive.docs=write on JDK " + JDK);
  }

  @Test
  void thePageIsWhatTheTableSays() throws IOException {
    String page = SupportPage.of(SupportResult.read(DATA));
    if ("write".equals(System.getProperty("keepalive.docs"))) {
      Files.writeString(PAGE, page);
    }
    assertEquals(page, Files.readString(PAGE), "run with -Dkeepalive.docs=write");
  }

  private static List<SupportResult> resultsOfThisBuild() throws IOException {
    TreeSet<SupportResult> results = new TreeSet<>();
    try (Stream<Path> modules = Files.list(ROOT.resolve("instrumentation"))) {
      for (Path module : modules.toList()) {
        Path folder = module.resolve("target/conformance");
        if (Files.isDirectory(folder)) {
          try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
              results.addAll(SupportResult.recorded(file, JDK));
            }
          }
        }
      }
    }
    return List.copyOf(results);
  }

  private static String lines(List<SupportResult> results) {
    return String.join("\n", results.stream().map(SupportResult::toString).sorted().toList());
  }
}
