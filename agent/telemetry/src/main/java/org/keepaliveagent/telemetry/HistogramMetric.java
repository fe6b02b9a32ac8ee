package org.keepaliveagent.telemetry;

import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.Data;
import io.opentelemetry.sdk.metrics.data.HistogramData;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.data.MetricDataType;
import io.opentelemetry.sdk.resources.Resource;
import java.util.Collection;

/** All points of one histogram, as exporters take them. Immutable. */
final class HistogramMetric implements MetricData {
  private final Metric metric;
  private final Resource resource;
  private final InstrumentationScopeInfo scope;
  private final HistogramData data;

  HistogramMetric(
      Metric metric,
      Resource resource,
      InstrumentationScopeInfo scope,
      AggregationTemporality temporality,
      Collection<HistogramPointData> points) {
    this.metric = metric;
    this.resource = resource;
    this.scope = scope;
    this.data = HistogramData.create(temporality, points);
  }

  @Override
  public Resource getResource() {
    return resource;
  }

  @Override
  public InstrumentationScopeInfo getInstrumentationScopeInfo() {
    return scope;
  }

  @Override
  public String getName() {
    return metric.id();
  }

  @Override
  public String getDescription() {
    return metric.description();
  }

  @Override
  public String getUnit() {
    return metric.unit();
  }

  @Override
  public MetricDataType getType() {
    return MetricDataType.HISTOGRAM;
  }

  @Override
  public Data<?> getData() {
    return data;
  }

  @Override
  public HistogramData getHistogramData() {
    return data;
  }
}
