package org.keepaliveagent.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.keepaliveagent.policy.Engine;
import org.keepaliveagent.policy.Events;
import org.keepaliveagent.policy.Library;
import org.keepaliveagent.policy.Mode;
import org.keepaliveagent.policy.PolicyTable;
import org.keepaliveagent.policy.Sweep;

/** The metrics of an engine, as Prometheus and as an OTLP backend have them. */
class MetricsTest {
  private static final String OF =
      "{library=pool,server.address=shop,server.port=80,url.scheme=http";
  private static final long SECOND = 1_000_000_000L;

  private final SystemProperties properties = new SystemProperties();
  private final List<String> messages = new ArrayList<>();
  private final AtomicLong clock = new AtomicLong(1000 * SECOND);
  private final ConcurrentMap<String, Library> libraries = new ConcurrentHashMap<>();
  private Engine engine;
  private Measurements measurements;

  @BeforeEach
  void start() {
    libraries.put("pool", new Library("pool", connection -> {}));
    engine =
        new Engine(PolicyTable.builtIn(Mode.ENFORCE), clock::get, Events.NONE, libraries, () -> {});
    measurements = new Measurements(engine, libraries.values(), () -> 7, () -> 2, () -> 1);
  }

  @AfterEach
  void stop() {
    properties.close();
    assertEquals(List.of(), messages);
    Await.threadsGone(Metrics.NAME);
    Await.threadsGone("PeriodicMetricReader");
  }

  /** Two requests on one connection, three seconds apart; it is parked afterwards. */
  private Object traffic() {
    Object connection = new Object();
    engine.opened(connection, "pool", "http", "shop", 80);
    exchange(connection);
    clock.addAndGet(3 * SECOND);
    assertTrue(engine.mayLease(connection, "GET"));
    exchange(connection);
    return connection;
  }

  private void exchange(Object connection) {
    engine.sending(connection, new Object(), "GET", null, false);
    engine.responding(connection, 200, false, null, null);
    assertTrue(engine.mayPark(connection, null));
  }

  /** A connection whose reuse dies, and the retry rule says no to its POST. */
  private void reset() {
    Object connection = new Object();
    engine.opened(connection, "pool", "http", "shop", 80);
    exchange(connection);
    assertTrue(engine.mayLease(connection, "POST"));
    Object exchange = new Object();
    engine.sending(connection, exchange, "POST", null, false);
    engine.failed(exchange, new IOException("Connection reset"));
    assertEquals(false, engine.mayRetry(exchange, true, true));
    engine.closed(connection, true);
    new Sweep(engine).run(clock.get());
    clock.addAndGet(SECOND);
  }

  @Test
  void deniedRetriesOfTwoModesAreOneSeries() {
    reset();
    engine.policies(PolicyTable.builtIn(Mode.OBSERVE));
    Object connection = traffic();
    assertTrue(engine.mayLease(connection, "POST"));
    Object exchange = new Object();
    engine.sending(connection, exchange, "POST", null, false);
    engine.failed(exchange, new IOException("Connection reset"));
    assertEquals(false, engine.mayRetry(exchange, true, false));
    List<String> series =
        PrometheusText.of(measurements.get())
            .lines()
            .filter(line -> line.startsWith("upstream_request_retries_total{"))
            .toList();
    assertEquals(1, series.size(), series.toString());
    assertTrue(series.get(0).endsWith(" 2"), series.toString());
  }

  @Test
  void prometheusReadsCountersGaugesAndHistograms() {
    reset();
    traffic();
    String text = PrometheusText.of(measurements.get());
    String of = "server_address=\"shop\",server_port=\"80\",url_scheme=\"http\",library=\"pool\"";
    for (String line :
        List.of(
            "# TYPE http_client_open_connections gauge",
            "http_client_open_connections{" + of + ",http_connection_state=\"idle\"} 1",
            "http_client_open_connections{" + of + ",http_connection_state=\"active\"} 0",
            "http_client_active_requests{" + of + "} 0",
            "upstream_requests_total{" + of + "} 4",
            "upstream_connection_created_total{" + of + "} 2",
            "upstream_connection_closed_total{" + of + ",close_reason=\"error\"} 1",
            "# TYPE http_client_connection_duration_seconds histogram",
            "http_client_connection_duration_seconds_count{" + of + "} 1",
            "upstream_connection_requests_sum{" + of + "} 2.0",
            "upstream_connection_idle_duration_seconds_bucket{" + of + ",le=\"2.0\"} 1",
            "upstream_connection_idle_duration_seconds_bucket{" + of + ",le=\"5.0\"} 2",
            "upstream_connection_idle_duration_seconds_bucket{" + of + ",le=\"+Inf\"} 2",
            "upstream_connection_idle_duration_seconds_sum{" + of + "} 3.0",
            "upstream_connection_resets_total{"
                + of
                + ",phase=\"awaiting_response\",reused=\"true\"} 1",
            "upstream_request_retries_total{"
                + of
                + ",reason=\"non_idempotent\",decision=\"denied\",denied_by=\"non_idempotent\"} 1",
            "upstream_policy_actions_total{" + of + ",action=\"parked\",mode=\"enforce\"} 3",
            "upstream_policy_reloads_total{result=\"done\"} 2",
            "upstream_policy_reloads_total{result=\"failed\"} 1",
            "upstream_hook_failures_total{library=\"pool\"} 0",
            "upstream_events_dropped_total 7")) {
      assertTrue(text.contains(line + "\n"), line + " is not in\n" + text);
    }
  }

  @Test
  void anOtlpBackendReceivesTheSame() throws Exception {
    try (OtlpMetrics receiver = OtlpMetrics.start();
        Metrics metrics = metrics(receiver)) {
      metrics.start();
      reset();
      traffic();
      Map<String, Long> values =
          receiver.await(
              all -> Long.valueOf(4).equals(all.get("upstream.requests" + OF + "}")),
              Duration.ofSeconds(20));
      assertEquals(
          1, values.get("http.client.open_connections" + state("idle")), values.toString());
      assertEquals(2, values.get("upstream.connection.created" + OF + "}"));
      assertEquals(2, values.get("upstream.connection.idle.duration" + OF + "}"));
      assertEquals(1, values.get("http.client.connection.duration" + OF + "}"));
      assertEquals(7, values.get("upstream.events.dropped{}"));
      assertTrue(receiver.resource().contains("service.name=shop"), receiver.resource());
      var idle = receiver.metric("upstream.connection.idle.duration");
      assertEquals("s", idle.getUnit());
      assertEquals(
          AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE,
          idle.getHistogram().getAggregationTemporality());
      assertEquals(3.0, idle.getHistogram().getDataPoints(0).getSum());
      assertTrue(receiver.metric("upstream.requests").getSum().getIsMonotonic());
    }
  }

  private static String state(String state) {
    return OF.replace("{", "{http.connection.state=" + state + ",") + "}";
  }

  @Test
  void aBackendThatWantsDifferencesGetsThemOfHistogramsToo() throws Exception {
    properties.set("otel.exporter.otlp.metrics.temporality.preference", "delta");
    try (OtlpMetrics receiver = OtlpMetrics.start();
        Metrics metrics = metrics(receiver)) {
      metrics.start();
      Object connection = traffic();
      String idle = "upstream.connection.idle.duration" + OF + "}";
      receiver.await(all -> Long.valueOf(1).equals(all.get(idle)), Duration.ofSeconds(20));
      receiver.await(all -> Long.valueOf(0).equals(all.get(idle)), Duration.ofSeconds(20));
      clock.addAndGet(SECOND);
      assertTrue(engine.mayLease(connection, "GET"));
      receiver.await(all -> Long.valueOf(1).equals(all.get(idle)), Duration.ofSeconds(20));
      HistogramDataPoint point =
          receiver.metric("upstream.connection.idle.duration").getHistogram().getDataPoints(0);
      assertEquals(1.0, point.getSum());
      assertTrue(point.getStartTimeUnixNano() < point.getTimeUnixNano());
      exchange(connection);
    }
  }

  private Metrics metrics(OtlpMetrics receiver) {
    properties.set("otel.exporter.otlp.metrics.endpoint", receiver.endpoint());
    properties.set("otel.metric.export.interval", "50");
    properties.set("otel.service.name", "shop");
    return new Metrics(
        Switch.AUTO, measurements, () -> !engine.upstreams().isEmpty(), messages::add);
  }

  @Test
  void metricsAreExportedWhereASettingNamesAPlaceForThem() {
    assertEquals("none", exporter(Switch.AUTO, Map.of()));
    assertEquals("none", exporter(Switch.AUTO, Map.of("otel.traces.exporter", "otlp")));
    assertEquals("otlp", exporter(Switch.AUTO, Map.of("otel.exporter.otlp.endpoint", "http://x")));
    assertEquals("otlp", exporter(Switch.ON, Map.of()));
    assertEquals(
        "otlp", exporter(Switch.AUTO, Map.of("otel.metrics.exporter", "prometheus, otlp")));
    assertEquals("console", exporter(Switch.AUTO, Map.of("otel.metrics.exporter", "console")));
    assertEquals("none", exporter(Switch.ON, Map.of("otel.metrics.exporter", "prometheus")));
    assertEquals("none", exporter(Switch.OFF, Map.of("otel.metrics.exporter", "otlp")));
    assertEquals(
        "none",
        exporter(Switch.ON, Map.of("otel.sdk.disabled", "true", "otel.metrics.exporter", "otlp")));
  }

  private static String exporter(Switch onOff, Map<String, String> settings) {
    return MetricSwitch.exporter(onOff, settings::get);
  }
}
