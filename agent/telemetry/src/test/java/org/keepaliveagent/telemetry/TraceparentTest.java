package org.keepaliveagent.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceparentTest {
  private static final String IDS = "-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-";

  @ParameterizedTest
  @ValueSource(strings = {"01", "03", "0f", "ff", "81", "a1"})
  void bitZeroOfTheFlagsMeansSampled(String flags) {
    assertTrue(Traceparent.sampled("00" + IDS + flags));
  }

  @ParameterizedTest
  @ValueSource(strings = {"00", "02", "fe", "10"})
  void otherBitsDoNot(String flags) {
    assertTrue(Traceparent.valid("00" + IDS + flags));
    assertFalse(Traceparent.sampled("00" + IDS + flags));
  }

  @ParameterizedTest
  @ValueSource(strings = {"cc" + IDS + "01", "cc" + IDS + "01-what-comes-later"})
  void laterVersionsMayGoOnAfterADash(String header) {
    assertTrue(Traceparent.sampled(header));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "00" + IDS,
        "00" + IDS + "1",
        "00" + IDS + "0g",
        "00" + IDS + "0A",
        "00" + IDS + "01-more",
        "cc" + IDS + "01more",
        "ff" + IDS + "01",
        "0x" + IDS + "01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7_01"
      })
  void anInvalidHeaderIsNotSampled(String header) {
    assertFalse(Traceparent.valid(header));
    assertFalse(Traceparent.sampled(header));
  }

  @Test
  void theQuestionAllocatesNothing() {
    Telemetry telemetry = new Telemetry(Switch.ON, SpanChoice.ALL, message -> {});
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long me = Thread.currentThread().getId();
    assertTrue(ask(telemetry, 1000) > 0);
    threads.getThreadAllocatedBytes(me);
    long before = threads.getThreadAllocatedBytes(me);
    int yes = ask(telemetry, 10_000);
    long bytes = threads.getThreadAllocatedBytes(me) - before;
    assertEquals(20_000, yes);
    // The measurement itself may cost some bytes; one per question would be 30,000.
    assertTrue(bytes < 1000, bytes + " bytes");
  }

  private static int ask(Telemetry telemetry, int times) {
    int yes = 0;
    for (int i = 0; i < times; i++) {
      yes += telemetry.wants(null) ? 1 : 0;
      yes += telemetry.wants(Attempts.SAMPLED) ? 1 : 0;
      yes += telemetry.wants("00" + IDS + "00") ? 1 : 0;
    }
    return yes;
  }
}
