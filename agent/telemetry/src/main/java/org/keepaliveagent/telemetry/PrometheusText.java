package org.keepaliveagent.telemetry;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.keepaliveagent.policy.Histogram;

/** The metrics in the text format of Prometheus (version 0.0.4). */
public final class PrometheusText {
  public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  /** What all samples of one metric say, in the order in which their metrics came. */
  private final Map<Metric, StringBuilder> families = new LinkedHashMap<>();

  private PrometheusText() {}

  public static String of(List<Measurement> measurements) {
    PrometheusText text = new PrometheusText();
    for (Measurement each : measurements) {
      text.add(each);
    }
    return String.join("", text.families.values());
  }

  private void add(Measurement each) {
    Metric metric = each.metric();
    String name = metric.prometheusName();
    StringBuilder family = families.get(metric);
    if (family == null) {
      family =
          new StringBuilder()
              .append("# HELP " + name + " " + metric.description() + ".\n")
              .append("# TYPE " + name + " " + metric.prometheusType() + "\n");
      families.put(metric, family);
    }
    String labels = labels(each.attributes());
    Histogram histogram = each.histogram();
    if (histogram == null) {
      sample(family, name, labels, Long.toString(each.value()));
    } else {
      histogram(family, name, labels, histogram, each.scale());
    }
  }

  private static void histogram(
      StringBuilder family, String name, String labels, Histogram histogram, double scale) {
    long[] bounds = histogram.bounds();
    long[] counts = histogram.counts();
    String before = labels.isEmpty() ? "" : labels + ",";
    long upTo = 0;
    for (int i = 0; i < counts.length; i++) {
      upTo += counts[i];
      String bound = i < bounds.length ? Double.toString(bounds[i] / scale) : "+Inf";
      sample(family, name + "_bucket", before + "le=\"" + bound + "\"", Long.toString(upTo));
    }
    sample(family, name + "_sum", labels, Double.toString(histogram.sum() / scale));
    sample(family, name + "_count", labels, Long.toString(upTo));
  }

  private static void sample(StringBuilder family, String name, String labels, String value) {
    family.append(name);
    if (!labels.isEmpty()) {
      family.append('{').append(labels).append('}');
    }
    family.append(' ').append(value).append('\n');
  }

  private static String labels(Map<String, String> attributes) {
    StringBuilder labels = new StringBuilder();
    for (Map.Entry<String, String> attribute : attributes.entrySet()) {
      labels
          .append(labels.length() == 0 ? "" : ",")
          .append(Metric.prometheusWord(attribute.getKey()))
          .append("=\"")
          .append(escaped(attribute.getValue()))
          .append('"');
    }
    return labels.toString();
  }

  private static String escaped(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }
}
