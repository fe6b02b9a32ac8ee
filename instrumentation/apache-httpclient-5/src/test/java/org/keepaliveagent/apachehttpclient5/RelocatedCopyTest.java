package org.keepaliveagent.apachehttpclient5;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.keepaliveagent.adapter.Hook;
import org.keepaliveagent.runtime.Installer;

/** A copy that somebody published, whose names have lost their {@code org.}. */
class RelocatedCopyTest {
  private static final Path FOLDER = Path.of("target", "libraries", "copy");
  private static final String PREFIX = "com.clickhouse.client.internal.";

  @Test
  void allHooksAreThereAndWhatIsWovenIsValid() throws Exception {
    ApacheHttpClient5Adapter adapter = new ApacheHttpClient5Adapter();
    List<String> said = new ArrayList<>();
    Installer installer = new Installer(List.of(adapter), List.of(PREFIX), said::add, said::add);
    TreeSet<String> hooked = new TreeSet<>();
    for (Hook hook : adapter.hooks()) {
      String name = hook.forms().get(0).className();
      hooked.add(PREFIX + name.substring("org.".length()));
    }
    try (Weaving copy = new Weaving(installer)) {
      for (String name : hooked) {
        // Initialised, so that the JVM verifies it.
        Class.forName(name, true, copy);
      }
      assertEquals(new ArrayList<>(hooked), new ArrayList<>(new TreeSet<>(copy.woven)));
    }
    assertEquals(List.of(), said);
  }

  /** Sees the copy and the hooks, nothing of the library itself. */
  private static final class Weaving extends URLClassLoader {
    private final Installer installer;
    private final List<String> woven = new ArrayList<>();

    Weaving(Installer installer) throws IOException {
      super(
          new URL[] {jar("clickhouse-jdbc-0.7.2-all.jar"), jar("slf4j-api-1.7.36.jar")},
          ClassLoader.getPlatformClassLoader());
      this.installer = installer;
    }

    private static URL jar(String name) throws IOException {
      return FOLDER.resolve(name).toUri().toURL();
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      byte[] compiled;
      String file = name.replace('.', '/');
      try (InputStream in = getResourceAsStream(file + ".class")) {
        if (in == null) {
          throw new ClassNotFoundException(name);
        }
        compiled = in.readAllBytes();
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
      byte[] changed = installer.transform(this, file, null, null, compiled);
      if (changed == null) {
        return defineClass(name, compiled, 0, compiled.length);
      }
      woven.add(name);
      return defineClass(name, changed, 0, changed.length);
    }
  }
}
