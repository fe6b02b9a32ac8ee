package org.keepaliveagent.ittests;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The support table as a page: a row for each rule, a column for each client. */
final class SupportPage {
  /** What the kit does not run on clients, and where it is shown instead, if it is. */
  private static final String[][] ELSEWHERE = {
    {"H3", "an upgrade still works: WebSocket, in the tests of java-http-client alone"},
    {"H6", "a value with CR, LF or NUL is refused when the policy is read: agent/config"},
    {"R11, R12", "a client that talks to one address has no other peer to try or to leave out"},
    {"T1, T2, T4, T5", "other spans: agent/telemetry and it-tests"},
    {"T3", "counters against what an upstream counted: it-tests"},
    {"F4", "a version whose classes do not match is left alone: agent/runtime and it-tests"},
    {"F5", "beside the OpenTelemetry agent: it-tests"},
    {"F6", "attach to a running JVM: it-tests"},
    {"F7", "HTTP/2 beside HTTP/1.1: the adapters' own tests"},
  };

  /** Ways into a hooked library that the agent leaves alone. */
  private static final String[][] NOT_HOOKED = {
    {
      "HttpClient 4",
      "`DefaultHttpClient` and all that is made of `AbstractHttpClient`, with the connection managers of"
          + " `ClientConnectionManager`; deprecated since 4.3"
    },
    {
      "HttpClient 4, asynchronous",
      "`AbstractHttpAsyncClient` and `DefaultHttpAsyncClient`; deprecated since 4.0"
    },
  };

  private final List<SupportResult> results;
  private final Map<String, Integer> reasons = new LinkedHashMap<>();
  private final Map<String, List<SupportResult>> columns = new TreeMap<>();

  private SupportPage(List<SupportResult> results) {
    this.results = results;
    for (SupportResult result : results) {
      columns.computeIfAbsent(column(result), key -> new ArrayList<>()).add(result);
    }
  }

  static String of(List<SupportResult> results) {
    return new SupportPage(results).page();
  }

  /** The name of a column. */
  static String column(SupportResult result) {
    return result.library() + (result.client().isEmpty() ? "" : " (" + result.client() + ")");
  }

  private String page() {
    StringBuilder page = new StringBuilder();
    page.append(
        """
        # Compatibility

        Made by `./mvnw -B verify -Dkeepalive.docs=write` from the results of the conformance kit; do not edit. Each rule
        runs on each version on real sockets, plain and over TLS.

        | | client | versions | JDKs |
        |---|---|---|---|
        """);
    int number = 0;
    for (Map.Entry<String, List<SupportResult>> column : columns.entrySet()) {
      number++;
      page.append("| ").append((char) ('A' + number - 1)).append(" | ");
      page.append(column.getKey()).append(" | ");
      page.append(
              String.join(
                  ", ",
                  new TreeSet<>(column.getValue().stream().map(SupportResult::version).toList())))
          .append(" | ");
      page.append(
              String.join(
                  ", ",
                  new TreeSet<>(
                      column.getValue().stream().map(r -> String.valueOf(r.jdk())).toList())))
          .append(" |\n");
    }
    page.append(
        "\n✓: passes with all of the versions on all of the JDKs. A number: untested, for the reason"
            + " below.\n\n| rule | |");
    for (int i = 0; i < columns.size(); i++) {
      page.append(' ').append((char) ('A' + i)).append(" |");
    }
    page.append("\n|---|---|").append("---|".repeat(columns.size())).append('\n');
    for (String rule : rules()) {
      int underscore = rule.lastIndexOf('_');
      page.append("| ").append(rule.substring(0, underscore).replace('_', ' ')).append(" | ");
      page.append(words(rule.substring(underscore + 1))).append(" |");
      for (List<SupportResult> column : columns.values()) {
        page.append(' ').append(cell(column, rule)).append(" |");
      }
      page.append('\n');
    }
    page.append("\n## Untested, and why\n\n");
    reasons.forEach((reason, n) -> page.append(n).append(". ").append(reason).append('\n'));
    page.append("\n## Rules that the kit does not run on clients\n\n| rule | |\n|---|---|\n");
    for (String[] row : ELSEWHERE) {
      page.append("| ").append(row[0]).append(" | ").append(row[1]).append(" |\n");
    }
    page.append("\n## What the agent does not hook\n\n| library | |\n|---|---|\n");
    for (String[] row : NOT_HOOKED) {
      page.append("| ").append(row[0]).append(" | ").append(row[1]).append(" |\n");
    }
    return page.toString();
  }

  /** In the order of the letters L, P, H, R, S, T, F, and of the numbers. */
  private List<String> rules() {
    List<String> rules =
        new ArrayList<>(new TreeSet<>(results.stream().map(SupportResult::rule).toList()));
    rules.sort(
        (a, b) -> {
          int letter =
              Integer.compare("LPHRSTF".indexOf(a.charAt(0)), "LPHRSTF".indexOf(b.charAt(0)));
          return letter != 0 ? letter : Integer.compare(number(a), number(b));
        });
    return rules;
  }

  private static int number(String rule) {
    return Integer.parseInt(rule.substring(1, rule.indexOf('_')));
  }

  private String cell(List<SupportResult> column, String rule) {
    Set<Integer> all = new TreeSet<>(column.stream().map(SupportResult::jdk).toList());
    Map<String, Map<String, Set<Integer>>> versions = new LinkedHashMap<>();
    for (SupportResult result : column) {
      if (result.rule().equals(rule)) {
        versions
            .computeIfAbsent(result.outcome(), key -> new TreeMap<>())
            .computeIfAbsent(result.version(), key -> new TreeSet<>())
            .add(result.jdk());
      }
    }
    if (versions.isEmpty()) {
      return "not run";
    }
    List<String> words = new ArrayList<>();
    versions.forEach(
        (outcome, of) -> {
          String sign = outcome.equals("passed") ? "✓" : String.valueOf(reason(outcome));
          List<String> where = new ArrayList<>();
          of.forEach(
              (version, jdks) -> where.add(version + (jdks.equals(all) ? "" : " on " + jdks)));
          words.add(versions.size() == 1 ? sign : sign + " with " + String.join(", ", where));
        });
    return String.join("; ", words);
  }

  private int reason(String outcome) {
    return reasons.computeIfAbsent(
        outcome.replaceFirst("^untested: ", ""), key -> reasons.size() + 1);
  }

  /** The words of a test's name. */
  private static String words(String name) {
    return name.replaceAll("([a-z])([A-Z0-9])", "$1 $2")
        .replaceAll("([A-Z0-9])([A-Z][a-z])", "$1 $2")
        .toLowerCase(Locale.ROOT)
        .replace("http 10", "HTTP/1.0")
        .replace("http 11", "HTTP/1.1")
        .replaceAll("\\bget\\b", "GET")
        .replaceAll("\\bpost\\b", "POST");
  }
}
