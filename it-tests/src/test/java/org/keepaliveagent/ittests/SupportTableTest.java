package org.keepaliveagent.ittests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

  /**
   * Only written: what a library does by itself on a busy machine is nothing to fail a build on.
   */
  @Test
  void thePageOfBeforeAndAfterHasARowForEachClient() throws IOException {
    Path page = ROOT.resolve("agent/docs/before-and-after.md");
    if ("write".equals(System.getProperty("keepalive.docs"))) {
      Files.writeString(page, DeathsPage.of(recorded(".story.tsv"), JDK));
    }
    String written = Files.readString(page);
    for (SupportResult result : SupportResult.read(DATA)) {
      assertTrue(
          written.contains("| " + SupportPage.column(result) + " |"),
          SupportPage.column(result) + " is missing in " + page);
    }
  }

  private static List<SupportResult> resultsOfThisBuild() throws IOException {
    TreeSet<SupportResult> results = new TreeSet<>();
    for (Path file : recorded("Test.tsv")) {
      results.addAll(SupportResult.recorded(file, JDK));
    }
    return List.copyOf(results);
  }

  /** The files that the kit wrote in the adapters' modules; its own tests are of no library. */
  private static List<Path> recorded(String ending) throws IOException {
    List<Path> all = new ArrayList<>();
    try (Stream<Path> modules = Files.list(ROOT.resolve("instrumentation"))) {
      for (Path module : modules.sorted().toList()) {
        if (module.endsWith("conformance")) {
          continue;
        }
        Path folder = module.resolve("target/conformance");
        if (Files.isDirectory(folder)) {
          try (Stream<Path> files = Files.list(folder)) {
            files.filter(file -> file.toString().endsWith(ending)).sorted().forEach(all::add);
          }
        }
      }
    }
    return all;
  }

  private static String lines(List<SupportResult> results) {
    return String.join("\n", results.stream().map(SupportResult::toString).sorted().toList());
  }
}
