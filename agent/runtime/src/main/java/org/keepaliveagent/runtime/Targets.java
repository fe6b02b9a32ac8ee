package org.keepaliveagent.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.adapter.Hook;

/**
 * Writes the list of class names that the agent waits for, so that it need not load its adapters to
 * know them. Runs when the jar is built.
 */
public final class Targets {
  private Targets() {}

  /** Takes the file to write. */
  public static void main(String[] arguments) throws IOException {
    Path file = Paths.get(arguments[0]);
    Set<String> names = new TreeSet<>();
    for (Adapter adapter : ServiceLoader.load(Adapter.class, Targets.class.getClassLoader())) {
      for (Hook hook : adapter.hooks()) {
        names.add(hook.className().replace('.', '/'));
      }
    }
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.write(file, names, StandardCharsets.UTF_8);
  }
}
