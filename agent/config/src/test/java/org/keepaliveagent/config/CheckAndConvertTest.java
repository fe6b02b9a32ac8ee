package org.keepaliveagent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.keepaliveagent.policy.Policy;
import org.keepaliveagent.policy.PolicyTable;

/** What a policy is said to mean, and the same policy in the other notation. */
class CheckAndConvertTest {
  private static final PolicyReader READER = new PolicyReader(null, Compat.V1_31, name -> null);

  private static final String YAML =
      """
      mode: enforce
      defaults: {keepalive_timeout: 60s}
      upstreams:
      - name: payments
        match: ["payments:8443", "*.svc", "10.0.0.0/8:80"]
        keepalive_timeout: 4s
        next_upstream: [error, timeout]
      """;

  @TempDir Path folder;

  private PolicyReading read(String name, String text) throws IOException {
    return READER.read(Files.writeString(folder.resolve(name), text));
  }

  private static void assertLine(String text, String... parts) {
    for (String line : text.lines().toList()) {
      boolean all = true;
      for (String part : parts) {
        all &= line.contains(part);
      }
      if (all) {
        return;
      }
    }
    throw new AssertionError("no line with " + List.of(parts) + " in\n" + text);
  }

  @Test
  void checkShowsEachValueWithItsOrigin() throws IOException {
    CheckReport report = new CheckReport("p.yaml", read("p.yaml", YAML));
    assertTrue(report.isGood());
    String text = report.text();
    assertLine(text, "match", "10.0.0.0/8:80", "p.yaml:5:37");
    assertLine(text, "  mode ", "enforce", "p.yaml:1:7");
    assertLine(text, "keepalive_timeout", "4s", "p.yaml:6:22");
    assertLine(text, "keepalive_timeout", "1m", "p.yaml:2:31");
    assertLine(text, "learn", "on", "built in");
    assertLine(text, "next_upstream ", "[error, timeout]", "p.yaml:7:18");
    assertLine(text, "p.yaml: good, 1 upstream, 0 warnings.");
  }

  @Test
  void checkSaysAllThatIsWrong() throws IOException {
    CheckReport report =
        new CheckReport("p.yaml", read("p.yaml", "defaults:\n  keepalive: x\n  lern: on\n"));
    assertFalse(report.isGood());
    assertLine(report.text(), "KA102", "p.yaml:2:14");
    assertLine(report.text(), "KA120", "did you mean learn?");
    assertLine(report.text(), "2 errors; the agent does not take this policy.");
  }

  @Test
  void jsonHoldsTheSame() throws IOException {
    for (String text : List.of(YAML, "defaults: {keepalive: \"\\\"x\\n\"}\n", "")) {
      String json = new CheckReport("p.yaml", read("p.yaml", text)).json();
      Problems problems = new Problems("json");
      SourceText source =
          SourceText.decode(json.getBytes(StandardCharsets.UTF_8), "json", problems);
      Value root = Yaml.root(new Document("json", source, problems, name -> null));
      assertEquals(List.of(), problems.list(), json);
      assertNotNull(root);
      assertTrue(root.mapping().containsKey("good"), json);
    }
    String json = new CheckReport("p.yaml", read("p.yaml", YAML)).json();
    assertTrue(
        json.contains("\"keepalive_timeout\": {\"value\": \"4s\", \"origin\": \"" + folder), json);
  }

  @Test
  void aRequestIsExplainedByTheRulesThemselves() throws IOException {
    CheckReport report = new CheckReport("p.yaml", read("p.yaml", YAML));
    String get = String.join("\n", report.explain("https", "payments", 8443, "GET"));
    assertLine(get, "GET https://payments:8443 goes by the policy payments, mode enforce.");
    assertLine(get, "It matches payments:8443", "p.yaml:5:11");
    assertLine(get, "idle for less than 4s", "for less than 4s where the upstream advertises");
    assertLine(get, "reused connection before a response: tried again on a fresh connection");
    assertLine(get, "No answer in time: not tried again, next_upstream_tries are used up.");
    String post = String.join("\n", report.explain("https", "payments", 8443, "POST"));
    assertLine(post, "idle for less than 2s", "for less than 2s where");
    assertLine(post, "reused connection", "not tried again, the method must not be executed twice");
    String other = String.join("\n", report.explain("http", "x", 80, "GET"));
    assertLine(other, "No upstream of the file matches it");
    assertLine(other, "for less than 60s; for less than 4500ms where");
    assertLine(other, "Dies on a reused connection before a response: as the library has it.");
  }

  /** Nginx configurations whose policy goes through YAML unchanged. */
  static List<String> nginx() {
    return NginxNotationTest.twins().stream().map(twin -> twin.get(0)).toList();
  }

  @ParameterizedTest
  @MethodSource("nginx")
  void nginxBecomesYamlWithTheSameModel(String nginx) throws IOException {
    PolicyReading read = read("p.conf", nginx);
    String yaml = Conversion.toYaml(read).text();
    PolicyReading again = read("p.yaml", yaml);
    assertNotNull(again.table(), yaml + again.problems());
    assertEquals(shown(read.table()), shown(again.table()), yaml);
  }

  @ParameterizedTest
  @MethodSource("nginx")
  void thatYamlBecomesNginxAgainWithTheSameModel(String nginx) throws IOException {
    PolicyReading read = read("p.yaml", Conversion.toYaml(read("p.conf", nginx)).text());
    Conversion conversion = Conversion.toNginx(read);
    PolicyReading again = read("again.conf", conversion.text());
    assertNotNull(again.table(), conversion.text() + again.problems());
    assertEquals(shown(read.table()), shown(again.table()), conversion.text());
  }

  private static String shown(PolicyTable table) {
    StringBuilder text = new StringBuilder();
    for (PolicyTable.Entry entry : table.entries()) {
      text.append(entry.patterns()).append(shown(entry.policy()));
    }
    return text.toString();
  }

  private static String shown(Policy policy) {
    StringBuilder text = new StringBuilder();
    for (Directive directive : Directive.values()) {
      if (directive != Directive.NAME) {
        text.append(directive.word()).append(' ').append(directive.shown(policy)).append('\n');
      }
    }
    return text.toString();
  }

  @Test
  void whatANotationCannotSayIsListed() throws IOException {
    Conversion conversion = Conversion.toNginx(read("p.yaml", YAML));
    String dropped = String.join("\n", conversion.dropped());
    assertLine(dropped, "payments: match *.svc");
    assertLine(dropped, "payments: match 10.0.0.0/8:80");
    assertLine(dropped, "keepalive_requests has no limit");
    assertLine(dropped, "defaults: keepalive_timeout");
    assertTrue(conversion.text().contains("server payments:8443;"), conversion.text());

    Conversion back =
        Conversion.toYaml(read("p.conf", "upstream u { server u:1 weight=3; least_conn; }\n"));
    assertLine(String.join("\n", back.dropped()), "KA205", "least_conn", "server ... weight");
  }
}
