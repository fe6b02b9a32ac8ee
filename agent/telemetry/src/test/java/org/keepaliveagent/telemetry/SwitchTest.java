package org.keepaliveagent.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SwitchTest {
  @Test
  void autoIsOffWhereNobodyAskedForSpans() {
    assertFalse(Switch.AUTO.isOn(Map.<String, String>of()::get));
    assertFalse(Switch.AUTO.isOn(Map.of("otel.service.name", "shop")::get));
  }

  @ParameterizedTest
  @CsvSource({
    "otel.traces.exporter, otlp",
    "otel.exporter.otlp.endpoint, http://collector:4318",
    "otel.exporter.otlp.traces.endpoint, http://collector:4318/v1/traces",
    "otel.sdk.disabled, false"
  })
  void autoIsOnWithASettingThatAsksForSpans(String name, String value) {
    assertTrue(Switch.AUTO.isOn(Map.of(name, value)::get));
  }

  @ParameterizedTest
  @CsvSource({"otel.sdk.disabled, true", "otel.sdk.disabled, TRUE", "otel.traces.exporter, none"})
  void whatWouldExportNothingIsOff(String name, String value) {
    Map<String, String> settings =
        Map.of(name, value, "otel.exporter.otlp.endpoint", "http://collector:4318");
    assertFalse(Switch.AUTO.isOn(settings::get));
    assertFalse(Switch.ON.isOn(settings::get));
  }

  @Test
  void onAndOffNeedNoSetting() {
    assertTrue(Switch.ON.isOn(Map.<String, String>of()::get));
    assertFalse(Switch.OFF.isOn(Map.of("otel.traces.exporter", "otlp")::get));
  }

  @Test
  void offWantsNothingAndHasNoThread() {
    Telemetry telemetry = new Telemetry(Switch.OFF, SpanChoice.ALL, message -> {});
    telemetry.start();
    assertFalse(telemetry.wants(null));
    assertFalse(telemetry.wants(Attempts.SAMPLED));
    telemetry.attempt(Attempts.reuse(1, "GET", Attempts.SAMPLED));
    assertEquals(0, telemetry.dropped());
    assertEquals(0, Await.threads(TelemetryThread.NAME));
    telemetry.close();
  }

  @Test
  void aBlankSettingIsNone() {
    try (SystemProperties properties = new SystemProperties()) {
      properties.set("otel.traces.exporter", " ");
      assertNull(new Settings().apply("otel.traces.exporter"));
      properties.set("otel.traces.exporter", "otlp");
      assertEquals("otlp", new Settings().apply("otel.traces.exporter"));
    }
  }

  @Test
  void theEnvironmentCountsInCapitals() {
    assertEquals(System.getenv("PATH"), new Settings().apply("path"));
  }
}
