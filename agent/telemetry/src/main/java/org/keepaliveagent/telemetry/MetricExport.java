package org.keepaliveagent.telemetry;

import static io.opentelemetry.api.common.AttributeKey.longKey;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.metrics.ObservableLongMeasurement;
import io.opentelemetry.api.metrics.ObservableMeasurement;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.SdkMeterProviderBuilder;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The metrics as an SDK of their own exports them, from the standard {@code OTEL_*} settings.
 *
 * <p>Counters and gauges are asynchronous instruments, all read in one callback. There is no
 * asynchronous histogram: those come from {@link HistogramProducer}. The telemetry thread opens and
 * closes it; the SDK's own thread reads.
 */
final class MetricExport {
  private static final String SCOPE = "keepalive-agent";

  private final OpenTelemetrySdk sdk;
  private final List<MetricExporter> exporters;

  private MetricExport(OpenTelemetrySdk sdk, List<MetricExporter> exporters) {
    this.sdk = sdk;
    this.exporters = exporters;
  }

  /**
   * Sets the SDK up; throws whatever it throws at settings that it cannot use.
   *
   * @param exporter {@code otlp} or {@code console}
   */
  static MetricExport open(String exporter, Supplier<List<Measurement>> measurements) {
    List<MetricExporter> exporters = new ArrayList<>();
    HistogramProducer histograms =
        new HistogramProducer(
            measurements,
            InstrumentationScopeInfo.create(SCOPE),
            () -> exporters.get(0).getAggregationTemporality(InstrumentType.HISTOGRAM));
    OpenTelemetrySdk sdk =
        AutoConfiguredOpenTelemetrySdk.builder()
            .setServiceClassLoader(MetricExport.class.getClassLoader())
            .disableShutdownHook()
            .addPropertiesSupplier(SpanExport::defaults)
            .addPropertiesCustomizer(config -> overrides(config, exporter))
            .addMetricExporterCustomizer((made, c) -> noted(made, exporters))
            .addMeterProviderCustomizer((builder, c) -> with(builder, histograms))
            .build()
            .getOpenTelemetrySdk();
    observe(sdk.getMeterProvider().get(SCOPE), measurements);
    return new MetricExport(sdk, exporters);
  }

  private static MetricExporter noted(MetricExporter exporter, List<MetricExporter> exporters) {
    exporters.add(exporter);
    return exporter;
  }

  private static SdkMeterProviderBuilder with(
      SdkMeterProviderBuilder builder, HistogramProducer histograms) {
    return builder.registerMetricProducer(histograms);
  }

  private static Map<String, String> overrides(ConfigProperties config, String exporter) {
    Map<String, String> overrides = new HashMap<>(SpanExport.overrides(config));
    overrides.put("otel.traces.exporter", "none");
    overrides.put("otel.metrics.exporter", exporter);
    return overrides;
  }

  private static void observe(Meter meter, Supplier<List<Measurement>> measurements) {
    Map<Metric, ObservableLongMeasurement> instruments = new EnumMap<>(Metric.class);
    List<ObservableMeasurement> all = new ArrayList<>();
    for (Metric metric : Metric.values()) {
      if (metric.kind() != Metric.Kind.HISTOGRAM) {
        ObservableLongMeasurement instrument = instrument(meter, metric);
        instruments.put(metric, instrument);
        all.add(instrument);
      }
    }
    meter.batchCallback(
        () -> {
          for (Measurement each : measurements.get()) {
            ObservableLongMeasurement instrument = instruments.get(each.metric());
            if (instrument != null) {
              instrument.record(each.value(), attributes(each));
            }
          }
        },
        all.get(0),
        all.subList(1, all.size()).toArray(new ObservableMeasurement[0]));
  }

  private static ObservableLongMeasurement instrument(Meter meter, Metric metric) {
    return metric.kind() == Metric.Kind.COUNTER
        ? meter
            .counterBuilder(metric.id())
            .setUnit(metric.unit())
            .setDescription(metric.description())
            .buildObserver()
        : meter
            .upDownCounterBuilder(metric.id())
            .setUnit(metric.unit())
            .setDescription(metric.description())
            .buildObserver();
  }

  /** The port is a number, as the conventions have it. */
  static Attributes attributes(Measurement of) {
    AttributesBuilder to = Attributes.builder();
    for (Map.Entry<String, String> attribute : of.attributes().entrySet()) {
      if (attribute.getKey().equals("server.port")) {
        to.put(longKey("server.port"), Long.valueOf(attribute.getValue()));
      } else {
        to.put(attribute.getKey(), attribute.getValue());
      }
    }
    return to.build();
  }

  /** Exports once more and stops the SDK's threads; as {@link SpanExport#close}. */
  void close(long nanos) {
    if (!sdk.shutdown().join(Math.max(0, nanos), TimeUnit.NANOSECONDS).isDone()) {
      exporters.forEach(MetricExporter::shutdown);
    }
  }
}
