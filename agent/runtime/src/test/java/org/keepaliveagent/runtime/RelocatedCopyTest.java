package org.keepaliveagent.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.commons.ClassRemapper;
import net.bytebuddy.jar.asm.commons.Remapper;
import net.bytebuddy.utility.OpenedClassReader;
import org.example.pool.Pool;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Relocated copies of a library are woven with hooks and advice of their own names. */
class RelocatedCopyTest {
  private static final String PACKAGE = "org.example.pool.";
  private static final List<String> PREFIXES = List.of("other.", "com.acme.shaded.");

  private final List<String> said = new ArrayList<>();
  private final List<String> abandoned = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(
      strings = {PACKAGE, "com.acme.shaded.org.example.pool.", "com.acme.shaded.example.pool."})
  void aCopyIsWoven(String to) throws Exception {
    Installer installer = installer("lease", List.of(PACKAGE));
    assertEquals("marked by advice", new Loader(to, relocated(to), installer).lease());
    assertEquals(List.of(), said);
  }

  @Test
  void aCopyIsSeenUnderItsNameAndAsItsLibrary() throws Exception {
    Installer installer = installer("lease", List.of(PACKAGE));
    assertNotNull(woven(installer, "com.acme.shaded.org.example.pool."));
    Seen seen = List.copyOf(installer.seen()).get(0);
    assertEquals("pool relocated to com.acme.shaded.*", seen.copy());
    assertEquals("pool", seen.library());
  }

  @Test
  void aCopyUnderAnUnknownPrefixIsLeftAlone() throws Exception {
    Installer installer = installer("lease", List.of(PACKAGE));
    assertNull(woven(installer, "com.acme.unknown.org.example.pool."));
    assertNull(woven(installer, "com.acme.shaded.pool."));
    assertEquals(List.of(), said);
  }

  @Test
  void aLibraryThatNamesNoPackageHasNoCopies() throws Exception {
    Installer installer = installer("lease", List.of());
    assertNull(woven(installer, "com.acme.shaded.org.example.pool."));
    assertNotNull(woven(installer, PACKAGE));
  }

  @Test
  void whatIsMissingIsSaidOnceForEachCopyWithItsName() throws Exception {
    Installer installer = installer("borrow", List.of(PACKAGE));
    assertNull(woven(installer, "com.acme.shaded.org.example.pool."));
    assertNull(woven(installer, "other.example.pool."));
    assertNull(woven(installer, PACKAGE));
    assertEquals(
        List.of(
            "pool relocated to com.acme.shaded.* is not hooked: method"
                + " com.acme.shaded.org.example.pool.Pool.borrow"
                + "(Lcom/acme/shaded/org/example/pool/Pool$Connection;)Ljava/lang/String;"
                + " is not there. Known versions: 1 to 2. The library runs as without the agent.",
            "pool relocated to other.* is not hooked: method"
                + " other.example.pool.Pool.borrow"
                + "(Lother/example/pool/Pool$Connection;)Ljava/lang/String;"
                + " is not there. Known versions: 1 to 2. The library runs as without the agent.",
            "pool is not hooked: method"
                + " org.example.pool.Pool.borrow"
                + "(Lorg/example/pool/Pool$Connection;)Ljava/lang/String;"
                + " is not there. Known versions: 1 to 2. The library runs as without the agent."),
        said);
    assertEquals(List.of(), abandoned);
  }

  @Test
  void aBrokenCopyDoesNotStopAnotherInTheSameLoader() throws Exception {
    String broken = "other.org.example.pool.";
    String whole = "com.acme.shaded.example.pool.";
    Map<String, byte[]> classes = new HashMap<>(relocated(whole));
    classes.put(broken + "Pool", relocated(broken).get(broken + "Pool$Connection"));
    Loader both = new Loader(whole, classes, installer("lease", List.of(PACKAGE)));
    assertNull(both.woven(broken + "Pool"));
    assertEquals("marked by advice", both.lease());
    assertEquals(1, said.size(), said.toString());
  }

  private Installer installer(String method, List<String> packages) {
    return new Installer(
        List.of(new PoolAdapter(method, packages)), PREFIXES, said::add, abandoned::add);
  }

  private static byte @Nullable [] woven(Installer installer, String to) throws IOException {
    return new Loader(to, relocated(to), installer).woven(to + "Pool");
  }

  private static Map<String, byte[]> relocated(String to) throws IOException {
    Map<String, byte[]> classes = new HashMap<>();
    for (Class<?> type : List.of(Pool.class, Pool.Connection.class)) {
      String file = "/" + type.getName().replace('.', '/') + ".class";
      try (InputStream in = type.getResourceAsStream(file)) {
        assertNotNull(in);
        ClassWriter writer = new ClassWriter(0);
        new ClassReader(in.readAllBytes()).accept(new ClassRemapper(writer, renaming(to)), 0);
        classes.put(type.getName().replace(PACKAGE, to), writer.toByteArray());
      }
    }
    return classes;
  }

  /** As a build tool relocates. */
  private static Remapper renaming(String to) {
    return new Remapper(OpenedClassReader.ASM_API) {
      @Override
      public String map(String internalName) {
        return internalName.replace(PACKAGE.replace('.', '/'), to.replace('.', '/'));
      }
    };
  }

  /** Has a copy of the library, woven, and sees the library itself through its parent. */
  private static final class Loader extends ClassLoader {
    private final String to;
    private final Map<String, byte[]> classes;
    private final Installer installer;

    Loader(String to, Map<String, byte[]> classes, Installer installer) {
      super(RelocatedCopyTest.class.getClassLoader());
      this.to = to;
      this.classes = classes;
      this.installer = installer;
    }

    String lease() throws Exception {
      Class<?> connection = define(to + "Pool$Connection");
      Class<?> pool = define(to + "Pool");
      return (String)
          pool.getMethod("lease", connection)
              .invoke(pool.getConstructor().newInstance(), new Object[] {null});
    }

    private Class<?> define(String name) {
      byte[] woven = woven(name);
      byte[] defined = woven == null ? compiled(name) : woven;
      return defineClass(name, defined, 0, defined.length);
    }

    byte @Nullable [] woven(String name) {
      return installer.transform(this, name.replace('.', '/'), null, null, compiled(name));
    }

    private byte[] compiled(String name) {
      byte[] bytes = classes.get(name);
      assertNotNull(bytes, name);
      return bytes;
    }

    @Override
    public @Nullable InputStream getResourceAsStream(String file) {
      byte[] bytes = classes.get(file.replace(".class", "").replace('/', '.'));
      return bytes == null ? super.getResourceAsStream(file) : new ByteArrayInputStream(bytes);
    }
  }
}
