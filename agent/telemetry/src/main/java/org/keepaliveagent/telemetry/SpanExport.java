package org.keepaliveagent.telemetry;

import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.TracerBuilder;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.extension.SpanWriter;
import org.keepaliveagent.policy.Attempt;
import org.keepaliveagent.policy.Eviction;

/**
 * The OpenTelemetry SDK of this process's agent, set up from the standard {@code OTEL_*} settings.
 * The first class that refers to OpenTelemetry. The telemetry thread only.
 */
final class SpanExport {
  private static final String SCOPE = "keepalive-agent";

  /** {@code null} where the spans are another agent's to export. */
  private final @Nullable OpenTelemetrySdk sdk;

  private final List<CountedExporter> exporters;
  private final AttemptSpans spans;

  private SpanExport(
      @Nullable OpenTelemetrySdk sdk,
      List<CountedExporter> exporters,
      Function<Object[], Object> writer) {
    this.sdk = sdk;
    this.exporters = exporters;
    this.spans = new AttemptSpans(writer, OtherTracer.inThisProcess());
  }

  /** Sets the SDK up; throws whatever the SDK throws at settings that it cannot use. */
  static SpanExport open() {
    Function<Object[], Object> lent = OtelAgent.spans();
    if (lent != null) {
      return new SpanExport(null, Collections.<CountedExporter>emptyList(), lent);
    }
    List<CountedExporter> exporters = new CopyOnWriteArrayList<>();
    OpenTelemetrySdk sdk =
        AutoConfiguredOpenTelemetrySdk.builder()
            .setServiceClassLoader(SpanExport.class.getClassLoader())
            .disableShutdownHook()
            .addPropertiesSupplier(SpanExport::defaults)
            .addPropertiesCustomizer(SpanExport::overrides)
            .addSpanExporterCustomizer((exporter, c) -> counted(exporter, exporters))
            .build()
            .getOpenTelemetrySdk();
    return new SpanExport(sdk, exporters, new SpanWriter(tracer(sdk)));
  }

  private static SpanExporter counted(SpanExporter exporter, List<CountedExporter> exporters) {
    CountedExporter counted = new CountedExporter(exporter);
    exporters.add(counted);
    return counted;
  }

  static Map<String, String> defaults() {
    return Collections.singletonMap("otel.exporter.otlp.protocol", "http/protobuf");
  }

  /**
   * Only spans leave from here, and nothing is propagated: the application's exporters of metrics
   * and logs and its propagators may need classes that only its own agent has, and without them the
   * SDK would not start. The application's name stands in for one that the settings do not give.
   */
  static Map<String, String> overrides(ConfigProperties config) {
    Map<String, String> overrides = new HashMap<>();
    overrides.put("otel.propagators", "none");
    overrides.put("otel.metrics.exporter", "none");
    overrides.put("otel.logs.exporter", "none");
    String name = isNamed(config) ? null : ServiceName.of(new Settings());
    if (name != null) {
      overrides.put("otel.service.name", name);
    }
    return overrides;
  }

  private static boolean isNamed(ConfigProperties config) {
    return !config.getString("otel.service.name", "").isEmpty()
        || config.getMap("otel.resource.attributes").containsKey("service.name");
  }

  private static Tracer tracer(OpenTelemetrySdk sdk) {
    TracerBuilder builder = sdk.getTracerProvider().tracerBuilder(SCOPE);
    Package home = SpanExport.class.getPackage();
    String version = home == null ? null : home.getImplementationVersion();
    return version == null ? builder.build() : builder.setInstrumentationVersion(version).build();
  }

  void write(Object over) {
    if (over instanceof Attempt) {
      spans.write((Attempt) over, WallClock.now());
    } else {
      spans.write((Eviction) over, WallClock.now());
    }
  }

  /** Spans that a backend did not take. Any thread. */
  long lost() {
    long lost = 0;
    for (CountedExporter exporter : exporters) {
      lost += exporter.lost();
    }
    return lost;
  }

  /**
   * Exports what waits and stops the SDK's threads. After the given time the exporters are stopped
   * at once: else the SDK would go on trying, for a minute where the backend is down.
   */
  void close(long nanos) {
    if (sdk == null) {
      return;
    }
    CompletableResultCode shutdown = sdk.shutdown().join(Math.max(0, nanos), TimeUnit.NANOSECONDS);
    if (!shutdown.isDone()) {
      exporters.forEach(SpanExporter::shutdown);
    }
  }
}
