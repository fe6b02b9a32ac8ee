package org.keepaliveagent.runtime;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** The tree of {@link Status} as lines for a terminal. */
final class StatusText {
  private static final DateTimeFormatter MOMENT =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT)
          .withZone(ZoneId.systemDefault());

  private final StringBuilder text = new StringBuilder();

  private StatusText() {}

  static String of(Map<String, Object> tree) {
    StatusText text = new StatusText();
    text.write(tree);
    return text.text.toString();
  }

  private void write(Map<String, Object> tree) {
    Map<?, ?> policy = map(tree, "policy");
    line("Keepalive Agent " + tree.get("version"));
    Object hash = policy.get("sha256");
    Object reload = policy.get("last_reload");
    line(
        "policy   "
            + policy.get("source")
            + (hash == null ? "" : ", sha256 " + hash)
            + ", mode "
            + policy.get("mode")
            + ", reloads "
            + policy.get("reloads")
            + ", refused "
            + policy.get("failed_reloads")
            + (reload == null ? "" : ", last " + moment(reload)));
    for (Map<?, ?> library : maps(tree, "libraries")) {
      line(
          "library  "
              + library.get("name")
              + " in "
              + library.get("from")
              + (Boolean.TRUE.equals(library.get("hooked")) ? ", hooked" : ", left alone")
              + (library.get("missing") == null ? "" : ": " + library.get("missing") + " missing")
              + (Integer.valueOf(0).equals(library.get("faults"))
                  ? ""
                  : ", faults " + library.get("faults")));
    }
    for (Map<?, ?> upstream : maps(tree, "upstreams")) {
      line("");
      upstream(upstream);
    }
    for (Map<?, ?> finding : maps(tree, "findings")) {
      line("");
      finding(finding);
    }
    if (!maps(tree, "events").isEmpty()) {
      line("");
      line("last events");
    }
    for (Map<?, ?> event : maps(tree, "events")) {
      event(event);
    }
  }

  /** Each of the findings, upstreams or events of the tree in a line of its own. */
  static String[] lines(Map<String, Object> tree, String section) {
    List<String> lines = new ArrayList<>();
    for (Map<?, ?> each : maps(tree, section)) {
      StatusText text = new StatusText();
      if (section.equals("findings")) {
        text.finding(each);
      } else if (section.equals("upstreams")) {
        text.upstream(each);
      } else {
        text.event(each);
      }
      lines.add(text.text.toString().trim().replace("\n  ", "; "));
    }
    return lines.toArray(new String[0]);
  }

  private void finding(Map<?, ?> finding) {
    line(finding.get("id") + " " + finding.get("upstream") + ": " + finding.get("title"));
    line("  " + finding.get("evidence"));
    if (!"".equals(finding.get("remedy"))) {
      line("  " + finding.get("remedy"));
    }
  }

  private void event(Map<?, ?> event) {
    line("  " + moment(value(event, "at")) + "  " + event.get("kind") + "  " + event.get("text"));
  }

  private void upstream(Map<?, ?> upstream) {
    line(
        upstream.get("url")
            + "  policy "
            + upstream.get("policy")
            + ", "
            + upstream.get("mode")
            + (Boolean.TRUE.equals(upstream.get("unhealthy")) ? ", unhealthy" : ""));
    line(
        "  connections "
            + upstream.get("connections")
            + ", idle "
            + upstream.get("idle")
            + ", most at a time "
            + upstream.get("most_connections")
            + ", opened "
            + upstream.get("opened"));
    line(
        "  requests "
            + upstream.get("requests")
            + ", on a reused connection "
            + upstream.get("reused")
            + ", in progress "
            + upstream.get("active_requests"));
    List<String> limits = new ArrayList<>();
    for (Map<?, ?> limit : maps(upstream, "limits")) {
      Object count = limit.get("count");
      limits.add(
          limit.get("what")
              + " "
              + (count == null ? limit.get("ms") + " ms" : count)
              + " ("
              + limit.get("origin")
              + ")");
    }
    Object inForce = upstream.get("idle_limit_ms");
    line(
        "  limits: "
            + (limits.isEmpty() ? "none" : String.join(", ", limits))
            + (inForce == null ? "" : "; idle in force: " + inForce + " ms"));
    counts("decided", map(upstream, "decisions"));
    counts("would have decided", map(upstream, "would_have"));
    counts("closed", map(upstream, "closed"));
  }

  private void counts(String title, Map<?, ?> counts) {
    if (!counts.isEmpty()) {
      List<String> parts = new ArrayList<>();
      counts.forEach((word, count) -> parts.add(word + " " + count));
      line("  " + title + ": " + String.join(", ", parts));
    }
  }

  private static List<Map<?, ?>> maps(Map<?, ?> tree, String name) {
    List<Map<?, ?>> maps = new ArrayList<>();
    for (Object each : (List<?>) value(tree, name)) {
      maps.add((Map<?, ?>) each);
    }
    return maps;
  }

  private static Map<?, ?> map(Map<?, ?> tree, String name) {
    return (Map<?, ?>) value(tree, name);
  }

  /** What is always there. */
  private static Object value(Map<?, ?> tree, String name) {
    return Objects.requireNonNull(tree.get(name), name);
  }

  private static String moment(Object epochMillis) {
    return MOMENT.format(Instant.ofEpochMilli((Long) epochMillis));
  }

  private void line(String line) {
    text.append(line).append('\n');
  }
}
