package org.keepaliveagent.telemetry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/**
 * A backend for one test: takes metrics by OTLP over HTTP on a loopback port and keeps the last
 * value of each series, and for histograms the sum of all counts of the last one. Any thread.
 */
public final class OtlpMetrics implements AutoCloseable {
  private final HttpServer server;
  private final Map<String, Long> values = new TreeMap<>();
  private final Map<String, Metric> metrics = new TreeMap<>();
  private String resource = "";

  private OtlpMetrics(HttpServer server) {
    this.server = server;
  }

  /** Listens on a port that the kernel chooses. */
  public static OtlpMetrics start() throws IOException {
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    OtlpMetrics receiver = new OtlpMetrics(HttpServer.create(anyPort, 0));
    receiver.server.createContext("/v1/metrics", receiver::receive);
    receiver.server.start();
    return receiver;
  }

  /** The value for {@code OTEL_EXPORTER_OTLP_METRICS_ENDPOINT}. */
  public String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1/metrics";
  }

  /** The series so far, as {@code name{key=value,…}} with keys in order, and their last values. */
  public synchronized Map<String, Long> values() {
    return new TreeMap<>(values);
  }

  /** The metric of that name as it came last. */
  synchronized Metric metric(String name) {
    return metrics.get(name);
  }

  synchronized String resource() {
    return resource;
  }

  /** Waits until the last values are as wanted; fails with those that have come. */
  public synchronized Map<String, Long> await(Predicate<Map<String, Long>> wanted, Duration atMost)
      throws InterruptedException {
    long until = System.nanoTime() + atMost.toNanos();
    while (!wanted.test(values)) {
      long millis = (until - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        throw new AssertionError("never came; the last values: " + values);
      }
      wait(millis);
    }
    return values();
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
      InputStream body = exchange.getRequestBody();
      keep(ExportMetricsServiceRequest.parseFrom(zipped ? new GZIPInputStream(body) : body));
      byte[] answer = ExportMetricsServiceResponse.getDefaultInstance().toByteArray();
      exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
      exchange.sendResponseHeaders(200, answer.length == 0 ? -1 : answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  private synchronized void keep(ExportMetricsServiceRequest request) {
    for (ResourceMetrics of : request.getResourceMetricsList()) {
      resource = text(of.getResource().getAttributesList());
      of.getScopeMetricsList().stream()
          .flatMap(scope -> scope.getMetricsList().stream())
          .forEach(this::keep);
    }
    notifyAll();
  }

  private void keep(Metric metric) {
    metrics.put(metric.getName(), metric);
    for (NumberDataPoint point : metric.getSum().getDataPointsList()) {
      values.put(metric.getName() + text(point.getAttributesList()), point.getAsInt());
    }
    for (HistogramDataPoint point : metric.getHistogram().getDataPointsList()) {
      values.put(metric.getName() + text(point.getAttributesList()), point.getCount());
    }
  }

  private static String text(List<KeyValue> attributes) {
    return attributes.stream()
        .map(
            each ->
                each.getKey()
                    + "="
                    + (each.getValue().hasIntValue()
                        ? Long.toString(each.getValue().getIntValue())
                        : each.getValue().getStringValue()))
        .sorted()
        .collect(Collectors.joining(",", "{", "}"));
  }

  /** Closes the port and every connection; what was received stays. */
  @Override
  public void close() {
    server.stop(0);
  }
}
