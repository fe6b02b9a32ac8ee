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
import java.util.Map;
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
  private static final PolicyReader READER =
      new PolicyReader(null, Compat.V1_31, Map.of("LIMIT", "7", "EMPTY", "")::get);

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
    PolicyReading reading =
        new PolicyReader(Mode.OBSERVE, Compat.V1_31, name -> null).read(write("mode: enforce\n"));
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
        "set_header: {Host: ''}     | KA126 p.yaml:2:16 defaults.set_header.Host: \"Host\" frames the message",
        "keepalive_scope: thread    | KA102 p.yaml:2:20 defaults.keepalive_scope: \"thread\" is not process or pool.",
        "http_version: 2            | KA117 p.yaml:2:17 defaults.http_version: \"2\" is not supported",
        "keepalive: ${NONE}         | KA119 p.yaml:2:14 defaults.keepalive: the environment variable NONE is not set",
        "keepalive: ${A-B}          | KA118 p.yaml:2:14 defaults.keepalive: \"${A-B}\" holds no variable",
        "health_check: {url: /}     | KA120 p.yaml:2:18 defaults.health_check.url: \"url\" is not known here; did you mean uri?",
        "socket_keepalive: {idle: 0}| KA102 p.yaml:2:28 defaults.socket_keepalive.idle: \"0\" is not a time",
        "upstream_max_connections: 0| KA102 p.yaml:2:29 defaults.upstream_max_connections: \"0\" is not",
        "match: a                   | KA121 p.yaml:2:3 defaults.match: match does not stand here",
      })
  void aMistakeIsExplainedAtItsPlace(String line, String expected) throws IOException {
    List<Problem> problems = bad("defaults:\n  " + line + "\n");
    assertEquals(1, errors(problems).size(), problems.toString());
    Problem error = problems.stream().filter(Problem::isError).findFirst().get();
    String said = error.toString().replace(folder + "/", "");
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "keepalive: 0 | keepalive_requests: 5 | KA130",
        "keepalive: off | keepalive_time: 1h | KA130",
        "keepalive: 3 | keepalive_timeout: 0 | KA130",
        "keepalive: 3 | http_version: '1.0' | KA130",
        "next_upstream: off | next_upstream_tries: 2 | KA131",
        "next_upstream: off | next_upstream_timeout: 2s | KA131",
        "next_upstream: off | retry_budget: 20% | KA131",
        "max_fails: 0 | fail_timeout: 3s | KA134",
      })
  void aContradictionIsAnErrorAlsoWhereItsCauseIsInherited(String one, String other, String id)
      throws IOException {
    List<Problem> own = bad("upstreams:\n- match: a\n  " + one + "\n  " + other + "\n");
    assertEquals(List.of(id), errors(own), own.toString());
    List<Problem> inherited =
        bad(
            "defaults:\n  "
                + (id.equals("KA130") && one.endsWith("3") ? other : one)
                + "\nupstreams:\n- match: a\n  "
                + (id.equals("KA130") && one.endsWith("3") ? one : other)
                + "\n");
    assertEquals(List.of(id), errors(inherited), inherited.toString());
  }

  @Test
  void whatAnUpstreamOverridesIsNoContradiction() throws IOException {
    good("defaults: {keepalive_timeout: 60s}\nupstreams:\n- match: a\n  keepalive: 0\n");
    good("defaults: {next_upstream_tries: 3}\nupstreams:\n- match: a\n  next_upstream: off\n");
  }

  @Test
  void aPatternThatAnEarlierOneCoversIsAnError() throws IOException {
    List<Problem> problems =
        bad(
            """
            upstreams:
            - match: ["*.svc", "10.0.0.0/8"]
            - match: ["a.svc:80", "https://10.1.0.0/16:8443", "b"]
            """);
    assertEquals(List.of("KA133", "KA133"), errors(problems));
    assertTrue(
        problems.get(1).toString().contains("\"10.0.0.0/8\" in line 2 comes first"),
        problems.toString());
  }

  @Test
  void whatIsNotActedOnIsTakenAndWarnedOf() throws IOException {
    PolicyReading reading =
        READER.read(write("defaults:\n  max_fails: 5\n  ssl_server_name: off\n"));
    assertNotNull(reading.table());
    assertEquals(5, reading.table().defaults().maxFails());
    assertEquals(List.of("KA201"), reading.problems().stream().map(Problem::id).toList());
    assertFalse(reading.problems().get(0).isError());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "${LIMIT} | 7",
        "${NONE:-5} | 5",
        "${EMPTY:-5} | 5",
        "'1${LIMIT}${NONE:-}2' | 172",
      })
  void environmentVariablesStandInValues(String written, long expected) throws IOException {
    assertEquals(
        expected,
        good("defaults: {keepalive: '" + written.replace("'", "") + "'}\n").defaults().maxIdle());
  }

  @Test
  void aDoubledDollarStandsForOne() throws IOException {
    assertEquals("${x}", good("defaults: {name: '$${x}'}").defaults().name());
  }

  @Test
  void aMisspeltKeyOfTheTopLevelHasANearestName() throws IOException {
    assertTrue(bad("upstream: []\n").get(0).toString().endsWith("did you mean upstreams?"));
    assertTrue(
        bad("keepalive_timout: 3s\n")
            .get(0)
            .toString()
            .endsWith("did you mean keepalive_timeout?"));
  }

  @Test
  void aFileThatCannotBeReadIsAProblemAndNoException() throws IOException {
    assertEquals("KA150", only(READER.read(folder.resolve("none.yaml"))));
    assertEquals("KA151", only(READER.read(folder)));
    Path large = folder.resolve("large.yaml");
    Files.write(large, new byte[2 << 20]);
    assertEquals("KA153", only(READER.read(large)));
    Path latin = folder.resolve("latin.yaml");
    Files.write(latin, "mode: \u00e9".getBytes(StandardCharsets.ISO_8859_1));
    assertEquals("KA145", only(READER.read(latin)));
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
            "defaults:\n  keepalive: 99999999999999999999999\n",
            "defaults: {name: \"\\UFFFFFFFF\"}\n",
            "upstreams: [{match: a, name: \"\\uD800\"}]\n",
            "upstreams: [{match: \"" + "*".repeat(100_000) + "\"}]\n")) {
      PolicyReading reading = READER.read(write(hostile));
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
      PolicyReading reading = READER.read(write(changed.toString()));
      assertEquals(reading.table() == null, reading.problems().stream().anyMatch(Problem::isError));
      for (Problem problem : reading.problems()) {
        assertFalse(problem.id().equals("KA199"), () -> changed + "\n" + problem);
        assertFalse(problem.render("x").isEmpty());
      }
    }
  }

  private PolicyTable good(String text) throws IOException {
    PolicyReading reading = READER.read(write(text));
    assertEquals(List.of(), reading.problems());
    assertNotNull(reading.table());
    return reading.table();
  }

  private List<Problem> bad(String text) throws IOException {
    PolicyReading reading = READER.read(write(text));
    assertNull(reading.table());
    return reading.problems();
  }

  private static List<String> errors(List<Problem> problems) {
    return problems.stream().filter(Problem::isError).map(Problem::id).toList();
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
