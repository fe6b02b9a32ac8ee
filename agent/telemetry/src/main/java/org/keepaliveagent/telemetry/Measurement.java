package org.keepaliveagent.telemetry;

import java.util.Collections;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.policy.Histogram;

/** One value of a metric, at one moment. Immutable. */
public final class Measurement {
  private static final double SECOND = 1e9;

  private final Metric metric;
  private final Map<String, String> attributes;
  private final long value;
  private final @Nullable Histogram histogram;

  Measurement(
      Metric metric, Map<String, String> attributes, long value, @Nullable Histogram histogram) {
    this.metric = metric;
    this.attributes = Collections.unmodifiableMap(attributes);
    this.value = value;
    this.histogram = histogram;
  }

  public Metric metric() {
    return metric;
  }

  /** By the names of OpenTelemetry. */
  public Map<String, String> attributes() {
    return attributes;
  }

  /** Of what is no histogram. */
  public long value() {
    return value;
  }

  /** Of a histogram, in the engine's units; see {@link #scale}. */
  @Nullable Histogram histogram() {
    return histogram;
  }

  /** What a value of the histogram is divided by to have the metric's unit. */
  double scale() {
    return metric.unit().equals("s") ? SECOND : 1;
  }
}
