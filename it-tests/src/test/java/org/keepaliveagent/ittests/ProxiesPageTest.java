package org.keepaliveagent.ittests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keepaliveagent.ittests.ProxyRow.Condition;
import org.keepaliveagent.ittests.ProxyRow.Counts;

/**
 * Existing proxies without and with the agent, as figures. {@code -Dkeepalive.proxies} names those
 * to measure anew on this Java, {@code all} takes a quarter of an hour. Else a page that is not
 * made from the figures fails, or one of other versions.
 */
class ProxiesPageTest {
  private static final Path DOCS = Path.of("..", "agent", "docs");
  private static final Path DATA = DOCS.resolve("proxies.tsv");
  private static final Path PAGE = DOCS.resolve("proxies.md");
  private static final int JDK = Runtime.version().feature();
  private static final List<Integer> JDKS = List.of(17, 25);
  private static final int REQUESTS = 10_000;
  private static final int CALM_REQUESTS = 3000;
  private static final Pattern TELLING =
      Pattern.compile(" (error\\.type|upstream\\.retry\\.\\w+|http\\.request\\.resend_count)=\\S+");

  @TempDir static Path folder;

  @BeforeAll
  static void measure() throws Exception {
    String named = System.getProperty("keepalive.proxies", "");
    if (named.isEmpty()) {
      return;
    }
    Path policy = Files.writeString(folder.resolve("policy.yaml"), ExistingProxiesTest.POLICY);
    List<String> chosen = List.of(named.split(","));
    List<String> titles = new ArrayList<>();
    for (ExistingProxy which : ExistingProxy.values()) {
      titles.add(which.title());
    }
    List<ProxyRow> rows = ProxyRow.read(DATA);
    rows.removeIf(row -> !titles.contains(row.proxy()));
    for (ExistingProxy which : ExistingProxy.values()) {
      if (chosen.contains("all") || chosen.contains(which.name())) {
        String title = which.title();
        List<ProxyRow> measured = measure(which, policy);
        rows.removeIf(row -> row.proxy().equals(title) && row.jdk() == JDK);
        rows.addAll(measured);
        rows.sort(
            Comparator.<ProxyRow>comparingInt(row -> titles.indexOf(row.proxy()))
                .thenComparingInt(ProxyRow::jdk));
        ProxyRow.write(DATA, rows);
        Files.writeString(PAGE, ProxiesPage.of(rows));
      }
    }
  }

  private static List<ProxyRow> measure(ExistingProxy which, Path policy) throws Exception {
    String agent = ForkedProxy.agent("policy=" + policy);
    return List.of(
        measure(which, Condition.WITHOUT, List.of(), policy),
        measure(which, Condition.BUILT_IN, List.of(ForkedProxy.agent("")), policy),
        measure(which, Condition.NEXT_UPSTREAM, List.of(agent), policy),
        measure(which, Condition.ATTACHED, List.of(), policy));
  }

  private static ProxyRow measure(
      ExistingProxy which, Condition condition, List<String> jvmOptions, Path policy)
      throws Exception {
    try (ProxyRig rig = ProxyRig.start(which, folder, jvmOptions)) {
      Counts calm = Counts.of(rig.calm(CALM_REQUESTS));
      if (condition == Condition.ATTACHED) {
        CompletableFuture<Void> attached = ExistingProxiesTest.attach(rig, policy);
        for (calm = Counts.of(rig.calm(CALM_REQUESTS)); !attached.isDone(); ) {
          calm = calm.plus(Counts.of(rig.calm(CALM_REQUESTS)));
        }
        attached.get();
      }
      ProxyRow row =
          new ProxyRow(
              which.title(),
              JDK,
              condition,
              Counts.of(rig.race(REQUESTS)),
              calm,
              String.join(", ", rig.headersThatCross()),
              condition == Condition.NEXT_UPSTREAM ? trace(which, policy) : "");
      return row;
    }
  }

  /** Without what differs from run to run. */
  private static String trace(ExistingProxy which, Path policy) throws Exception {
    return ResetTrace.draw(ExistingProxiesTest.starter(which, folder), policy)
        .lines()
        .map(ProxiesPageTest::telling)
        .collect(Collectors.joining("\\n", "", "\\n"));
  }

  private static String telling(String line) {
    Matcher head = Pattern.compile("[ │├└]*.*?  [A-Z]+( ERROR)?(  → \\S+ \\S+)?").matcher(line);
    if (!head.lookingAt()) {
      return "(the caller's span)";
    }
    return head.group()
        + TELLING
            .matcher(line)
            .results()
            .map(found -> " " + found.group())
            .collect(Collectors.joining());
  }

  @Test
  void thePageIsWhatTheFiguresSay() throws IOException {
    assertEquals(
        ProxiesPage.of(ProxyRow.read(DATA)),
        Files.readString(PAGE),
        "run with -Dkeepalive.proxies=all");
  }

  @Test
  void theFiguresAreOfTheProxiesOfThisBuild() throws IOException {
    List<String> wanted = new ArrayList<>();
    for (ExistingProxy which : ExistingProxy.values()) {
      for (int jdk : JDKS) {
        for (Condition condition : Condition.values()) {
          wanted.add(which.title() + " " + jdk + " " + condition);
        }
      }
    }
    assertEquals(
        wanted,
        ProxyRow.read(DATA).stream()
            .map(row -> row.proxy() + " " + row.jdk() + " " + row.condition())
            .toList(),
        "run with -Dkeepalive.proxies=all on each of " + JDKS);
  }
}
