package org.keepaliveagent.config;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.keepaliveagent.policy.FailureKind;
import org.keepaliveagent.policy.Mode;
import org.keepaliveagent.policy.Policy;
import org.keepaliveagent.policy.PolicyTable;

/** Policy files, good ones and bad ones. */
class PolicyReaderTest {
  @TempDir Path folder;

  @Test
  void everyDirectiveReachesThePolicy() throws IOException {
    PolicyTable table =
        good(
            """
            mode: observe
            defaults:
              keepalive_timeout: 60s
            upstreams:
              - name: payments
                match: ["payments.internal:8443", "*.svc.cluster.local"]
                mode: enforce
                keepalive: 32
                keepalive_scope: process
                keepalive_requests: 1000
                keepalive_time: 1h30m
                keepalive_timeout: 4s
                keepalive_margin: 250ms
                learn: off
                fresh_for_non_idempotent: 25%
                set_header: {Connection: ""}
                next_upstream: [error, timeout, http_503, non_idempotent]
                next_upstream_tries: 2
                next_upstream_timeout: 5s
                idempotency_key: on
            """);
    Policy p = table.of("https", "payments.internal", 8443);
    assertEquals("payments", p.name());
    assertEquals(Mode.ENFORCE, p.mode());
    assertEquals(32, p.maxIdle());
    assertEquals(1000, p.maxRequests());
    assertEquals(SECONDS.toNanos(5400), p.maxAgeNanos());
    assertEquals(SECONDS.toNanos(4), p.idleNanos());
    assertEquals(MILLISECONDS.toNanos(250), p.marginNanos());
    assertFalse(p.learn());
    assertEquals(25, p.freshPercent());
    assertEquals(Set.of("connection"), p.removedHeaders());
    assertTrue(p.managesRetries());
    assertEquals(
        Set.of(FailureKind.ERROR, FailureKind.TIMEOUT, FailureKind.HTTP_503), p.nextUpstream());
    assertTrue(p.nonIdempotent());
    assertEquals(2, p.tries());
    assertEquals(SECONDS.toNanos(5), p.retryNanos());
    assertTrue(p.idempotencyKey());

    Policy other = table.of("http", "other", 80);
    assertEquals(Mode.OBSERVE, other.mode());
    assertEquals(SECONDS.toNanos(60), other.idleNanos());
    assertFalse(other.managesRetries());
  }

  @Test
  void anUpstreamInheritsWhatItDoesNotState() throws IOException {
    PolicyTable table =
        good(
            """
            defaults: {keepalive_timeout: 60s, next_upstream: error}
            upstreams:
              - match: a
                next_upstream: off
              - match: b
                keepalive_timeout: 1s
            """);
    assertEquals(SECONDS.toNanos(60), table.of("http", "a", 80).idleNanos());
    assertEquals(Set.of(), table.of("http", "a", 80).nextUpstream());
    assertEquals(SECONDS.toNanos(1), table.of("http", "b", 80).idleNanos());
    assertEquals(Set.of(FailureKind.ERROR), table.of("http", "b", 80).nextUpstream());
  }

  @Test
  void anEmptyFileIsTheBuiltInDefaultAndTheOptionsModeOverrides() throws IOException {
    assertEquals(Mode.ENFORCE, good("").of("http", "a", 80).mode());
    PolicyReading reading = PolicyReader.read(write("mode: enforce\n"), Mode.OBSERVE);
    assertEquals(Mode.OBSERVE, reading.table().of("http", "a", 80).mode());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "keepalive_timeout: 60      | KA104 p.yaml:2:22 defaults.keepalive_timeout: \"60\" has no unit",
        "keepalive_timeout: -4s     | KA107 p.yaml:2:22 defaults.keepalive_timeout: \"-4s\" is negative",
        "keepalive_timeout: soon    | KA105 p.yaml:2:22 defaults.keepalive_timeout: \"soon\" is not a time",
        "keepalive_timeout:         | KA101 p.yaml:2:21 defaults.keepalive_timeout: there is no value",
        "keepalive_timeout: [4s]    | KA103 p.yaml:2:22 defaults.keepalive_timeout: ",
        "keepalive_timout: 4s       | KA120 p.yaml:2:3 defaults.keepalive_timout: \"keepalive_timout\" is not known here; did you mean keepalive_timeout?",
        "keepalive: many            | KA102 p.yaml:2:14 defaults.keepalive: \"many\" is not",
        "keepalive_requests: 0      | KA109 p.yaml:2:23 defaults.keepalive_requests: 0 would let no request through",
        "fresh_for_non_idempotent: 5| KA108 p.yaml:2:29 defaults.fresh_for_non_idempotent: \"5\" has no %",
        "learn: maybe               | KA102 p.yaml:2:10 defaults.learn: \"maybe\" is not",
        "next_upstream: [off, error]| KA132 p.yaml:2:18 defaults.next_upstream",
        "next_upstream: sometimes   | KA102 p.yaml:2:18 defaults.next_upstream: \"sometimes\" is not",
        "set_header: {A: b}         | KA112 p.yaml:2:19 defaults.set_header.A: \"b\" cannot be set",
        "max_conns: 5               | KA124 p.yaml:2:3 defaults.max_conns: max_conns is not supported",
        "keepalive_scope: pool      | KA117 p.yaml:2:20 defaults.keepalive_scope: \"pool\" is not supported",
        "match: a                   | KA121 p.yaml:2:3 defaults.match: match does not stand here",
      })
  void aMistakeIsExplainedAtItsPlace(String line, String expected) throws IOException {
    List<Problem> problems = bad("defaults:\n  " + line + "\n");
    assertEquals(1, problems.size(), problems.toString());
    String said = problems.get(0).toString().replace(folder + "/", "");
    assertTrue(said.startsWith(expected.stripTrailing()), said);
  }

  @Test
  void allMistakesAreSaidAtOnceWithTheLineAndACaret() throws IOException {
    List<Problem> problems =
        bad(
            """
            defaults:
              keepalive: 0
              keepalive_timeout: 4s
            upstreams:
              - match: a
              - match: a
              - keepalive: 3
              - match: b
                match: c
            """);
    assertEquals(
        List.of("KA130", "KA133", "KA125", "KA122"),
        problems.stream().map(Problem::id).toList(),
        problems.toString());
    String shown = problems.get(1).render("The previous policy stays in force.");
    assertTrue(shown.contains("The previous policy stays in force."), shown);
    assertTrue(shown.contains("match: a\n"), shown);
    assertTrue(shown.endsWith("^"), shown);
  }

  @Test
  void aFileThatCannotBeReadIsAProblemAndNoException() throws IOException {
    assertEquals("KA150", only(PolicyReader.read(folder.resolve("none.yaml"), null)));
    assertEquals("KA151", only(PolicyReader.read(folder, null)));
    Path large = folder.resolve("large.yaml");
    Files.write(large, new byte[2 << 20]);
    assertEquals("KA153", only(PolicyReader.read(large, null)));
    Path latin = folder.resolve("latin.yaml");
    Files.write(latin, "mode: \u00e9".getBytes(StandardCharsets.ISO_8859_1));
    assertEquals("KA145", only(PolicyReader.read(latin, null)));
  }

  @Test
  @Timeout(30)
  void hostileFilesGiveProblemsAndNothingElse() throws IOException {
    for (String hostile :
        List.of(
            "[".repeat(100_000),
            "a: &a [x]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]\n",
            "defaults: !!java.net.URL [x]\n",
            "mode: enforce\n---\nmode: observe\n",
            "\t- x: y",
            "defaults: {keepalive: \u0000}",
            "? [a]\n: b\n",
            "upstreams: 5\n",
            "- a\n- b\n",
            "%YAML 9.9\n---\na: b\n",
            "defaults:\n  keepalive: 99999999999999999999999\n")) {
      PolicyReading reading = PolicyReader.read(write(hostile), null);
      assertNull(reading.table(), hostile);
      assertFalse(reading.problems().isEmpty());
      assertFalse(
          reading.problems().stream().anyMatch(problem -> problem.id().equals("KA199")),
          reading.problems().toString());
    }
  }

  @Test
  @Timeout(60)
  void randomChangesOfAGoodFileNeverBreakTheReader() throws IOException {
    String good =
        """
        mode: enforce
        defaults: {keepalive: 3, learn: on}
        upstreams:
        - match: ['a:1', "*.b"]
          keepalive_time: 1h
          next_upstream: [error]
          set_header: {Connection: ''}
        """;
    Random random = new Random(7);
    for (int i = 0; i < 3_000; i++) {
      StringBuilder changed = new StringBuilder(good);
      for (int j = 0; j <= random.nextInt(5); j++) {
        int at = random.nextInt(changed.length());
        changed.setCharAt(at, "\n :-[]{}'\"&*!|>%@`#,?a0\t".charAt(random.nextInt(24)));
      }
      PolicyReading reading = PolicyReader.read(write(changed.toString()), null);
      assertEquals(reading.table() == null, !reading.problems().isEmpty());
      for (Problem problem : reading.problems()) {
        assertFalse(problem.id().equals("KA199"), () -> changed + "\n" + problem);
        assertFalse(problem.render("x").isEmpty());
      }
    }
  }

  private PolicyTable good(String text) throws IOException {
    PolicyReading reading = PolicyReader.read(write(text), null);
    assertEquals(List.of(), reading.problems());
    assertNotNull(reading.table());
    return reading.table();
  }

  private List<Problem> bad(String text) throws IOException {
    PolicyReading reading = PolicyReader.read(write(text), null);
    assertNull(reading.table());
    return reading.problems();
  }

  private static String only(PolicyReading reading) {
    assertNull(reading.table());
    assertEquals(1, reading.problems().size(), reading.problems().toString());
    return reading.problems().get(0).id();
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("p.yaml"), text);
  }
}
