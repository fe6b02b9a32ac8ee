package org.keepaliveagent.ittests;

import java.nio.file.Files;
import java.nio.file.Path;

/** The jars under test, as the build has just made them. */
public final class Artifacts {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final String VERSION = "0.1.0-SNAPSHOT";

  public static final Path AGENT = jar("agent/dist", "keepalive-agent");
  public static final Path PROXY = jar("proxy-core", "proxy-core");

  private Artifacts() {}

  private static Path jar(String module, String name) {
    Path jar = ROOT.resolve(module).resolve("target").resolve(name + "-" + VERSION + ".jar");
    if (!Files.isRegularFile(jar)) {
      throw new IllegalStateException(jar + " is missing: build with ./mvnw -B verify");
    }
    return jar;
  }
}
