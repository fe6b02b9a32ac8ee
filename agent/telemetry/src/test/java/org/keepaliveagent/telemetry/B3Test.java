package org.keepaliveagent.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keepaliveagent.hooks.KeepaliveHooks;

class B3Test {
  private static final String SPAN = "00f067aa0ba902b7";

  @ParameterizedTest
  @CsvSource({
    "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1,true,4bf92f3577b34da6a3ce929d0e0e4736",
    "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-d,true,4bf92f3577b34da6a3ce929d0e0e4736",
    "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0,false,4bf92f3577b34da6a3ce929d0e0e4736",
    "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7,true,4bf92f3577b34da6a3ce929d0e0e4736",
    "a3ce929d0e0e4736-00f067aa0ba902b7-1-05e3ac9a4f6e3b90,true,0000000000000000a3ce929d0e0e4736",
  })
  void aParentIsRead(String header, boolean sampled, String traceId) {
    assertTrue(B3.valid(header));
    assertEquals(sampled, B3.sampled(header));
    assertEquals(traceId, B3.traceId(header));
    assertEquals(SPAN, B3.spanId(header));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "d",
        "-",
        "a3ce929d0e0e4736",
        "a3ce929d0e0e4736-",
        "a3ce929d0e0e4736-00f067aa0ba902b",
        "a3ce929d0e0e473-00f067aa0ba902b7-1",
        "A3CE929D0E0E4736-00f067aa0ba902b7-1",
        "0000000000000000-00f067aa0ba902b7-1",
        "a3ce929d0e0e4736-0000000000000000-1",
        "a3ce929d0e0e4736-00f067aa0ba902b7-2",
        "a3ce929d0e0e4736-00f067aa0ba902b7-",
        "a3ce929d0e0e4736-00f067aa0ba902b7-1-",
        "a3ce929d0e0e4736-00f067aa0ba902b7-1-05e3ac9a4f6e3b9",
        "a3ce929d0e0e4736-00f067aa0ba902b7-1-05e3ac9a4f6e3b901",
        "a3ce929d0e0e4736-00f067aa0ba902b7_1"
      })
  void anythingElseIsNone(String header) {
    assertFalse(B3.valid(header));
    assertFalse(B3.sampled(header));
  }

  @Test
  void severalHeadersAreReadAsOne() {
    String id = "a3ce929d0e0e4736";
    String span = "00f067aa0ba902b7";
    assertEquals(id + "-" + span + "-1", KeepaliveHooks.b3(id, span, "1", null));
    assertEquals(id + "-" + span + "-1", KeepaliveHooks.b3(id, span, null, "1"));
    assertEquals(id + "-" + span, KeepaliveHooks.b3(id, span, null, null));
    assertEquals(null, KeepaliveHooks.b3(null, null, "1", null));
    assertFalse(B3.sampled(KeepaliveHooks.b3(id, span, "0", null)));
    assertFalse(B3.sampled(KeepaliveHooks.b3("no id", span, "1", null)));
    assertTrue(B3.sampled(KeepaliveHooks.b3(id, span, "0", "1")));
  }
}
