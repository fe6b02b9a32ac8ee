package org.keepaliveagent.telemetry;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Which exporter of metrics the settings ask for, of those that the agent brings. */
final class MetricSwitch {
  private MetricSwitch() {}

  /**
   * {@code otlp}, {@code console} or {@code none}. The first that {@code otel.metrics.exporter}
   * lists and the agent has; another one is the application's own agent's affair. Without that
   * setting it is {@code otlp} where an endpoint is set that takes metrics: the SDK's own default
   * is an endpoint where nobody may listen.
   *
   * @param settings from a property's name to its value, as {@link Settings}
   */
  static String exporter(Switch onOff, Function<String, @Nullable String> settings) {
    if (onOff == Switch.OFF || "true".equalsIgnoreCase(settings.apply("otel.sdk.disabled"))) {
      return "none";
    }
    String stated = settings.apply("otel.metrics.exporter");
    if (stated != null) {
      for (String each : stated.split(",", -1)) {
        String name = each.trim();
        if (name.equals("otlp") || name.equals("console")) {
          return name;
        }
      }
      return "none";
    }
    boolean place =
        settings.apply("otel.exporter.otlp.endpoint") != null
            || settings.apply("otel.exporter.otlp.metrics.endpoint") != null;
    return place || onOff == Switch.ON ? "otlp" : "none";
  }
}
