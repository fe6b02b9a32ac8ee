package org.keepaliveagent.telemetry;

import java.util.HashMap;
import java.util.Map;

/** System properties for one test; the former ones come back at the end. */
final class SystemProperties implements AutoCloseable {
  private final Map<String, String> before = new HashMap<>();

  SystemProperties set(String name, String value) {
    before.putIfAbsent(name, System.getProperty(name));
    System.setProperty(name, value);
    return this;
  }

  SystemProperties clear(String name) {
    before.putIfAbsent(name, System.getProperty(name));
    System.clearProperty(name);
    return this;
  }

  @Override
  public void close() {
    before.forEach(
        (name, value) -> {
          if (value == null) {
            System.clearProperty(name);
          } else {
            System.setProperty(name, value);
          }
        });
  }
}
