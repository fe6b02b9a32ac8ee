package org.keepaliveagent.telemetry;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OtherTracerTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "-javaagent:/opt/opentelemetry-javaagent.jar",
        "-javaagent:splunk-otel-javaagent.jar=a=b",
        "-javaagent:dd-java-agent.jar",
        "-javaagent:/opt/elastic-apm-agent-1.55.0.jar",
        "-agentpath:/opt/dynatrace/oneagent/agent/lib64/liboneagentloader.so"
      })
  void aTracingAgentsFileIsKnown(String argument) {
    assertTrue(OtherTracer.among(List.of("-Xmx1g", argument), name -> false));
  }

  @Test
  void aRenamedAgentIsKnownByItsEntryClass() {
    List<String> arguments = List.of("-javaagent:/opt/a.jar");
    assertTrue(
        OtherTracer.among(arguments, "io.opentelemetry.javaagent.OpenTelemetryAgent"::equals));
  }

  @Test
  void otherAgentsAndOptionsAreNone() {
    assertFalse(
        OtherTracer.among(
            List.of("-javaagent:/opt/keepalive-agent.jar", "-Dotel.service.name=shop"),
            name -> false));
  }

  @Test
  void thisProcessHasNone() {
    assertFalse(OtherTracer.inThisProcess());
  }
}
