package org.keepaliveagent.telemetry;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Whether spans are made. */
public enum Switch {
  /** On where OpenTelemetry settings say that somebody wants to receive spans. */
  AUTO,
  /** On, even if that means the exporter's default endpoint. */
  ON,
  OFF;

  private static final String[] SIGNS = {
    "otel.traces.exporter",
    "otel.exporter.otlp.endpoint",
    "otel.exporter.otlp.traces.endpoint",
    "otel.sdk.disabled"
  };

  /**
   * The decision. {@code otel.sdk.disabled=true} and {@code otel.traces.exporter=none} overrule
   * even {@link #ON}: no span would leave the process.
   *
   * @param settings from a property's name to its value, as {@link Settings}
   */
  boolean isOn(Function<String, @Nullable String> settings) {
    if (this == OFF) {
      return false;
    }
    if ("true".equalsIgnoreCase(settings.apply("otel.sdk.disabled"))) {
      return false;
    }
    if ("none".equalsIgnoreCase(settings.apply("otel.traces.exporter"))) {
      return false;
    }
    return this == ON || anySign(settings);
  }

  private static boolean anySign(Function<String, @Nullable String> settings) {
    for (String name : SIGNS) {
      if (settings.apply(name) != null) {
        return true;
      }
    }
    return false;
  }
}
