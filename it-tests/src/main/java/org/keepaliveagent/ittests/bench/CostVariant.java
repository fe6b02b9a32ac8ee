package org.keepaliveagent.ittests.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.keepaliveagent.ittests.ForkedProxy;

/** What runs in the JVM of a proxy besides the proxy, and how its callers trace. */
enum CostVariant {
  WITHOUT("without", "00"),
  /** In a JVM of its own: what differs is how the JVM compiled, and the machine's noise. */
  WITHOUT_AGAIN("without, another JVM", "00"),
  OBSERVE("observe", "00"),
  ENFORCE("enforce", "00"),
  UNSAMPLED("enforce, 0 % sampled", "00"),
  SAMPLED("enforce, 100 % sampled", "01"),
  OPENTELEMETRY("OpenTelemetry agent, not exporting", "01"),
  OPENTELEMETRY_EXPORTING("OpenTelemetry agent, exporting", "01");

  static final Path OPENTELEMETRY_AGENT =
      Path.of("target", "libraries", "opentelemetry-javaagent.jar").toAbsolutePath();

  private final String title;
  private final String flags;

  CostVariant(String title, String flags) {
    this.title = title;
    this.flags = flags;
  }

  String title() {
    return title;
  }

  /** What the callers' {@code traceparent} says: 01 for a sampled trace. */
  String flags() {
    return flags;
  }

  /**
   * The options of the JVM.
   *
   * @param instrumentations of the other agent that see this proxy's server and client
   */
  List<String> jvmOptions(List<String> instrumentations) {
    return switch (this) {
      case WITHOUT, WITHOUT_AGAIN -> List.of();
      case OBSERVE -> List.of(ForkedProxy.agent("mode=observe,telemetry=off"));
      case ENFORCE -> List.of(ForkedProxy.agent("mode=enforce,telemetry=off"));
      case UNSAMPLED, SAMPLED -> List.of(ForkedProxy.agent("mode=enforce,telemetry=on"));
      case OPENTELEMETRY -> openTelemetry("none", instrumentations);
      case OPENTELEMETRY_EXPORTING -> openTelemetry("otlp", instrumentations);
    };
  }

  private static List<String> openTelemetry(String exporter, List<String> instrumentations) {
    List<String> options = new ArrayList<>();
    options.add("-javaagent:" + OPENTELEMETRY_AGENT);
    options.add("-Dotel.traces.exporter=" + exporter);
    options.add("-Dotel.metrics.exporter=none");
    options.add("-Dotel.logs.exporter=none");
    options.add("-Dotel.instrumentation.common.default-enabled=false");
    for (String name : instrumentations) {
      options.add("-Dotel.instrumentation." + name + ".enabled=true");
    }
    return options;
  }

  /** Where spans go, for those that export any. */
  Map<String, String> environment(SpanSink sink) {
    return Map.of(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        sink.endpoint(),
        "OTEL_METRICS_EXPORTER",
        "none",
        // So that what is measured is exported while it is measured.
        "OTEL_BSP_SCHEDULE_DELAY",
        "50");
  }
}
