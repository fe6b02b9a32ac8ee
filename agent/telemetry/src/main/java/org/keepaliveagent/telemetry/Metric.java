package org.keepaliveagent.telemetry;

import java.util.Locale;

/**
 * Every metric of the agent: its name, unit and kind. OTLP, the text for Prometheus, the dashboard
 * and the alert rules all go by this table.
 */
public enum Metric {
  OPEN_CONNECTIONS(
      "http.client.open_connections",
      Kind.GAUGE,
      "{connection}",
      "Connections that exist, by http.connection.state: active or idle"),
  CONNECTION_DURATION(
      "http.client.connection.duration",
      Kind.HISTOGRAM,
      "s",
      "How long closed connections had existed"),
  ACTIVE_REQUESTS("http.client.active_requests", Kind.GAUGE, "{request}", "Requests in progress"),
  REQUESTS(
      "upstream.requests", Kind.COUNTER, "{request}", "Requests sent, repetitions of them too"),
  CREATED("upstream.connection.created", Kind.COUNTER, "{connection}", "Connections opened"),
  CLOSED("upstream.connection.closed", Kind.COUNTER, "{connection}", "Connections closed, and why"),
  REQUESTS_AT_CLOSE(
      "upstream.connection.requests",
      Kind.HISTOGRAM,
      "{request}",
      "How many requests closed connections had carried"),
  IDLE_DURATION(
      "upstream.connection.idle.duration",
      Kind.HISTOGRAM,
      "s",
      "How long connections had waited when a request reused them"),
  RESETS(
      "upstream.connection.resets",
      Kind.COUNTER,
      "{connection}",
      "Connections that the upstream ended under a request"),
  RETRIES(
      "upstream.request.retries",
      Kind.COUNTER,
      "{decision}",
      "What the retry rule said of failed requests, and what came of it"),
  ACTIONS(
      "upstream.policy.actions",
      Kind.COUNTER,
      "{action}",
      "What rules decided; with mode observe, what they would have"),
  UNHEALTHY("upstream.unhealthy", Kind.GAUGE, "{peer}", "1 while the probes of health_check fail"),
  FINDINGS("upstream.findings", Kind.GAUGE, "{finding}", "1 for what is wrong at this moment"),
  RELOADS("upstream.policy.reloads", Kind.COUNTER, "{reload}", "Changed policy files, by result"),
  HOOK_FAILURES("upstream.hook.failures", Kind.COUNTER, "{failure}", "Faults of the agent's own"),
  EVENTS_DROPPED(
      "upstream.events.dropped", Kind.COUNTER, "{event}", "Attempts that became no span");

  /** How values of a metric behave. */
  public enum Kind {
    /** Goes up only. */
    COUNTER,
    /** A sum that goes up and down. */
    GAUGE,
    /** How often values fell between bounds. */
    HISTOGRAM
  }

  private final String id;
  private final Kind kind;
  private final String unit;
  private final String description;

  Metric(String id, Kind kind, String unit, String description) {
    this.id = id;
    this.kind = kind;
    this.unit = unit;
    this.description = description;
  }

  /** The name in OpenTelemetry. */
  public String id() {
    return id;
  }

  public Kind kind() {
    return kind;
  }

  /** As UCUM has it. */
  public String unit() {
    return unit;
  }

  public String description() {
    return description;
  }

  /** The name in Prometheus, by the usual mapping: seconds and totals are said in the name. */
  public String prometheusName() {
    String name = prometheusWord(id);
    if (unit.equals("s")) {
      name += "_seconds";
    }
    return kind == Kind.COUNTER ? name + "_total" : name;
  }

  /** A name of a metric or an attribute as Prometheus writes it. */
  static String prometheusWord(String word) {
    return word.replace('.', '_');
  }

  /** The word for {@code # TYPE}. */
  String prometheusType() {
    return kind.name().toLowerCase(Locale.ROOT);
  }
}
