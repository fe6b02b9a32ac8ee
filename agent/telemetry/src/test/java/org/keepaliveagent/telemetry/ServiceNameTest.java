package org.keepaliveagent.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServiceNameTest {
  @Test
  void theTracersNamesComeBeforeSpringsBeforeTheProgram() {
    Map<String, String> settings = new HashMap<>();
    assertNull(ServiceName.of(settings::get));
    settings.put("sun.java.command", "com.example.Main");
    assertEquals("com.example.Main", ServiceName.of(settings::get));
    settings.put("spring.application.name", "by-spring");
    assertEquals("by-spring", ServiceName.of(settings::get));
    settings.put("elastic.apm.service_name", "by-elastic");
    assertEquals("by-elastic", ServiceName.of(settings::get));
    settings.put("dd.service", "by-datadog");
    assertEquals("by-datadog", ServiceName.of(settings::get));
  }

  @ParameterizedTest
  @CsvSource({
    "com.example.Main, com.example.Main",
    "com.example.Main -x /a/b.jar, com.example.Main",
    "shop/com.example.Main, com.example.Main",
    "/opt/shop/shop-1.2.jar --server.port=8080, shop-1.2",
    "C:\\shop\\shop.jar, shop",
    "shop.jar, shop"
  })
  void theProgramIsItsMainClassOrJar(String command, String name) {
    assertEquals(name, ServiceName.of(Map.of("sun.java.command", command)::get));
  }
}
