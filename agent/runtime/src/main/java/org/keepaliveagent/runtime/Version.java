package org.keepaliveagent.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** The version that the build gave this agent. */
final class Version {
  private Version() {}

  /** Never fails: a version that cannot be read is {@code unknown}. */
  static String get() {
    Properties properties = new Properties();
    try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      // below
    }
    return properties.getProperty("version", "unknown");
  }
}
