package org.keepaliveagent.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.keepaliveagent.policy.Explanation;
import org.keepaliveagent.policy.Policy;
import org.keepaliveagent.policy.PolicyTable;
import org.keepaliveagent.policy.UpstreamPattern;

/**
 * What a policy file means: the effective policy of each upstream with the origin of each value,
 * and everything that is wrong; for people or, as JSON, for programs.
 */
public final class CheckReport {
  private static final int WORD_WIDTH = 26;
  private static final int VALUE_WIDTH = 34;

  private final String file;
  private final PolicyReading reading;

  public CheckReport(String file, PolicyReading reading) {
    this.file = file;
    this.reading = reading;
  }

  /** Whether the agent would take the policy; warnings do not hinder that. */
  public boolean isGood() {
    return reading.table() != null;
  }

  /** For people: problems first, then the effective policies of a good file. */
  public String text() {
    StringBuilder text = new StringBuilder();
    int errors = 0;
    for (Problem problem : reading.problems()) {
      text.append(problem.isError() ? "" : "warning: ").append(problem.render("")).append('\n');
      errors += problem.isError() ? 1 : 0;
    }
    PolicyTable table = reading.table();
    if (table == null) {
      return text.append(file)
          .append(": ")
          .append(count(errors, "error"))
          .append("; the agent does not take this policy.\n")
          .toString();
    }
    for (int i = 0; i < table.entries().size(); i++) {
      PolicyTable.Entry entry = table.entries().get(i);
      Block block = reading.tree().upstreams().get(i);
      text.append('\n').append(entry.policy().name()).append('\n');
      for (Map.Entry<UpstreamPattern, Value> pattern : PolicyTree.patterns(block).entrySet()) {
        row(text, "match", pattern.getKey().toString(), pattern.getValue().origin());
      }
      policy(text, entry.policy(), block);
    }
    text.append('\n').append("whatever no upstream matches\n");
    policy(text, table.defaults(), reading.tree().defaults());
    return text.append('\n')
        .append(file)
        .append(": good, ")
        .append(count(table.entries().size(), "upstream"))
        .append(", ")
        .append(count(reading.problems().size(), "warning"))
        .append(".\n")
        .toString();
  }

  private static String count(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }

  private void policy(StringBuilder text, Policy policy, Block block) {
    for (Directive directive : Directive.values()) {
      if (directive != Directive.NAME && directive != Directive.MATCH) {
        row(text, directive.word(), directive.shown(policy), origin(directive, block));
      }
    }
  }

  private String origin(Directive directive, Block block) {
    return reading.tree().origin(directive, block, reading.overridden());
  }

  private static void row(StringBuilder text, String word, String value, String origin) {
    pad(text.append("  "), word, WORD_WIDTH);
    pad(text, value, VALUE_WIDTH);
    text.append("  ").append(origin).append('\n');
  }

  private static void pad(StringBuilder text, String word, int width) {
    text.append(word);
    for (int i = word.length(); i < width; i++) {
      text.append(' ');
    }
  }

  /** For programs: one JSON object, on several lines. */
  public String json() {
    StringBuilder json = new StringBuilder("{\n");
    json.append("  \"file\": ").append(Shown.escaped(file)).append(",\n");
    json.append("  \"good\": ").append(isGood()).append(",\n");
    List<String> problems = new ArrayList<>();
    for (Problem problem : reading.problems()) {
      problems.add(json(problem));
    }
    json.append("  \"problems\": [").append(lines(problems)).append("]");
    PolicyTable table = reading.table();
    if (table != null) {
      List<String> upstreams = new ArrayList<>();
      for (int i = 0; i < table.entries().size(); i++) {
        upstreams.add(
            json(table.entries().get(i).policy(), reading.tree().upstreams().get(i), true));
      }
      json.append(",\n  \"upstreams\": [").append(lines(upstreams)).append("],\n");
      json.append("  \"default\": ")
          .append(json(table.defaults(), reading.tree().defaults(), false));
    }
    return json.append("\n}\n").toString();
  }

  private static String lines(List<String> items) {
    return items.isEmpty() ? "" : "\n    " + String.join(",\n    ", items) + "\n  ";
  }

  private static String json(Problem problem) {
    return "{\"id\": \""
        + problem.id()
        + "\", \"severity\": \""
        + (problem.isError() ? "error" : "warning")
        + "\", \"file\": "
        + Shown.escaped(problem.origin())
        + ", \"line\": "
        + problem.line()
        + ", \"column\": "
        + problem.column()
        + ", \"path\": "
        + Shown.escaped(problem.path())
        + ", \"message\": "
        + Shown.escaped(problem.message())
        + "}";
  }

  private String json(Policy policy, Block block, boolean upstream) {
    StringBuilder json = new StringBuilder("{\"name\": ").append(Shown.escaped(policy.name()));
    if (upstream) {
      List<String> patterns = new ArrayList<>();
      for (Map.Entry<UpstreamPattern, Value> pattern : PolicyTree.patterns(block).entrySet()) {
        patterns.add(value(pattern.getKey().toString(), pattern.getValue().origin()));
      }
      json.append(", \"match\": [").append(String.join(", ", patterns)).append("]");
    }
    json.append(", \"policy\": {");
    String separator = "\n        ";
    for (Directive directive : Directive.values()) {
      if (directive != Directive.NAME && directive != Directive.MATCH) {
        json.append(separator).append('"').append(directive.word()).append("\": ");
        json.append(value(directive.shown(policy), origin(directive, block)));
        separator = ",\n        ";
      }
    }
    return json.append("}}").toString();
  }

  private static String value(String value, String origin) {
    return "{\"value\": " + Shown.escaped(value) + ", \"origin\": " + Shown.escaped(origin) + "}";
  }

  /**
   * What the policy means for one request, in sentences; only of a good file.
   *
   * @param method in capitals
   */
  public List<String> explain(String scheme, String host, int port, String method) {
    PolicyTable table = reading.table();
    if (table == null) {
      throw new IllegalStateException("the policy has errors");
    }
    List<String> said = new ArrayList<>(Explanation.of(table, scheme, host, port, method));
    said.add(1, matched(table, scheme, host, port));
    return said;
  }

  private String matched(PolicyTable table, String scheme, String host, int port) {
    for (int i = 0; i < table.entries().size(); i++) {
      Map<UpstreamPattern, Value> patterns = PolicyTree.patterns(reading.tree().upstreams().get(i));
      for (Map.Entry<UpstreamPattern, Value> pattern : patterns.entrySet()) {
        if (pattern.getKey().matches(scheme, host, port)) {
          String origin = pattern.getValue().origin();
          return "It matches " + pattern.getKey() + " (" + origin + ").";
        }
      }
    }
    return "No upstream of the file matches it, so the defaults hold.";
  }
}
