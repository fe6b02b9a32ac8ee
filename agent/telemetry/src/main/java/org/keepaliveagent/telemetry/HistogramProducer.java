package org.keepaliveagent.telemetry;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.MetricProducer;
import io.opentelemetry.sdk.resources.Resource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.policy.Histogram;

/**
 * Gives the SDK the histograms that the engine keeps, whole or as what was added since the last
 * look. One reader, so one thread at a time.
 */
final class HistogramProducer implements MetricProducer {
  private final Supplier<List<Measurement>> measurements;
  private final InstrumentationScopeInfo scope;
  private final Supplier<AggregationTemporality> temporality;
  private final long startNanos;
  private final Map<List<?>, Point> before = new HashMap<>();
  private long beforeNanos;

  /**
   * @param temporality what the exporter wants; asked at each look
   */
  HistogramProducer(
      Supplier<List<Measurement>> measurements,
      InstrumentationScopeInfo scope,
      Supplier<AggregationTemporality> temporality) {
    this.measurements = measurements;
    this.scope = scope;
    this.temporality = temporality;
    this.startNanos = now();
    this.beforeNanos = startNanos;
  }

  private static long now() {
    return WallClock.now().epochNanos(System.nanoTime());
  }

  @Override
  public Collection<MetricData> produce(Resource resource) {
    boolean delta = temporality.get() == AggregationTemporality.DELTA;
    long now = now();
    Map<Metric, List<HistogramPointData>> points = new EnumMap<>(Metric.class);
    for (Measurement each : measurements.get()) {
      Histogram histogram = each.histogram();
      if (histogram != null) {
        Attributes attributes = MetricExport.attributes(each);
        Point all = new Point(histogram, each.scale());
        Point last = before.put(Arrays.asList(each.metric(), attributes), all);
        points
            .computeIfAbsent(each.metric(), m -> new ArrayList<HistogramPointData>())
            .add(
                delta
                    ? all.since(last).data(beforeNanos, now, attributes)
                    : all.data(startNanos, now, attributes));
      }
    }
    beforeNanos = now;
    List<MetricData> data = new ArrayList<>();
    points.forEach(
        (metric, of) ->
            data.add(
                new HistogramMetric(
                    metric,
                    resource,
                    scope,
                    delta ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE,
                    of)));
    return data;
  }

  /** One histogram's numbers. */
  private static final class Point {
    private final List<Double> bounds = new ArrayList<>();
    private final List<Long> counts = new ArrayList<>();
    private final double sum;

    Point(Histogram histogram, double scale) {
      for (long bound : histogram.bounds()) {
        bounds.add(bound / scale);
      }
      for (long count : histogram.counts()) {
        counts.add(count);
      }
      sum = histogram.sum() / scale;
    }

    private Point(Point now, Point last) {
      bounds.addAll(now.bounds);
      for (int i = 0; i < now.counts.size(); i++) {
        counts.add(now.counts.get(i) - last.counts.get(i));
      }
      sum = now.sum - last.sum;
    }

    Point since(@Nullable Point last) {
      return last == null ? this : new Point(this, last);
    }

    HistogramPointData data(long start, long end, Attributes attributes) {
      return HistogramPointData.create(
          start, end, attributes, sum, false, 0, false, 0, bounds, counts);
    }
  }
}
