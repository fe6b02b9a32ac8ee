package org.keepaliveagent.runtime;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.keepaliveagent.policy.Count;
import org.keepaliveagent.policy.Engine;
import org.keepaliveagent.policy.Finding;
import org.keepaliveagent.policy.Library;
import org.keepaliveagent.policy.Reason;
import org.keepaliveagent.policy.Upstream;

/**
 * The agent's counters in the text format of Prometheus (version 0.0.4). Names are those of the
 * OpenTelemetry conventions and {@code upstream.*}, written as Prometheus writes them.
 */
final class PrometheusText {
  static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final Map<String, StringBuilder> families = new LinkedHashMap<>();

  private PrometheusText() {}

  static String of(Engine engine, Reload reload, Collection<Library> libraries, long dropped) {
    PrometheusText text = new PrometheusText();
    for (Upstream u : engine.upstreams()) {
      text.upstream(u);
    }
    for (Finding finding : engine.findings(System.nanoTime())) {
      text.add(
          "upstream_findings",
          "gauge",
          labels(finding.upstream()) + ",id=\"" + finding.kind().id() + "\"",
          1);
    }
    for (Library library : libraries) {
      text.add(
          "upstream_hook_failures_total",
          "counter",
          "library=\"" + library.name() + "\"",
          library.faults());
    }
    text.add("upstream_policy_reloads_total", "counter", "result=\"done\"", reload.done());
    text.add("upstream_policy_reloads_total", "counter", "result=\"failed\"", reload.failed());
    text.add("upstream_events_dropped_total", "counter", "", dropped);
    return String.join("", text.families.values());
  }

  private void upstream(Upstream u) {
    String labels = labels(u);
    long idle = Math.max(0, u.idle());
    String connections = "http_client_open_connections";
    String state = ",http_connection_state=";
    add(connections, "gauge", labels + state + "\"idle\"", idle);
    add(connections, "gauge", labels + state + "\"active\"", Math.max(0, u.connections() - idle));
    add(
        "upstream_connection_created_total",
        "counter",
        labels,
        u.counted(Count.OPENED) + u.counted(Count.OPENED_UNENFORCED));
    for (Reason reason : Reason.values()) {
      action(labels, reason, "enforce", u.decisions(reason));
      action(labels, reason, "observe", u.wouldHave(reason));
    }
    add("upstream_unhealthy", "gauge", labels, u.health().isUnhealthy() ? 1 : 0);
  }

  private static String labels(Upstream u) {
    return "server_address=\""
        + u.host().replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n")
        + "\",server_port=\""
        + u.port()
        + "\",url_scheme=\""
        + u.scheme()
        + "\"";
  }

  /** Only those that happened, lest each upstream have sixty of zero. */
  private void action(String labels, Reason reason, String mode, long count) {
    if (count > 0) {
      add(
          "upstream_policy_actions_total",
          "counter",
          labels + ",action=\"" + reason.word() + "\",mode=\"" + mode + "\"",
          count);
    }
  }

  /** One sample. */
  private void add(String name, String type, String labels, long value) {
    StringBuilder family = families.get(name);
    if (family == null) {
      family = new StringBuilder("# TYPE ").append(name).append(' ').append(type).append('\n');
      families.put(name, family);
    }
    family.append(name);
    if (!labels.isEmpty()) {
      family.append('{').append(labels).append('}');
    }
    family.append(' ').append(value).append('\n');
  }
}
