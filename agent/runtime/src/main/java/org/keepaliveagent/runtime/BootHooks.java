package org.keepaliveagent.runtime;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.Instrumentation;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.security.ProtectionDomain;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Defines the hooks in the boot loader, where every class of every loader can call them, without a
 * file on disk and without appending to the boot class path (which would end class-data sharing).
 *
 * <p>From Java 9 on through a private look-up in {@code java.lang}, opened to the agent alone; on
 * Java 8 through {@code sun.misc.Unsafe.defineClass}. Touches no class of the hooks itself: it must
 * run before the first of them is needed.
 */
public final class BootHooks {
  /** In the order in which they must be defined. The build gives these names another package. */
  private static final String[] NAMES = {
    "org.keepaliveagent.hooks.KeepaliveEngine",
    "org.keepaliveagent.hooks.KeepaliveHooks",
    "org.keepaliveagent.hooks.KeepaliveFailure",
    "org.keepaliveagent.hooks.KeepaliveOnce",
    "org.keepaliveagent.hooks.KeepaliveHeaderFilter",
    "org.keepaliveagent.hooks.KeepaliveDeadline",
    "org.keepaliveagent.hooks.KeepaliveSocket",
  };

  private BootHooks() {}

  /**
   * Defines what is not there yet.
   *
   * @throws ReflectiveOperationException when this JVM offers no way in
   */
  public static void define(Instrumentation instrumentation)
      throws ReflectiveOperationException, IOException {
    Definer definer = null;
    for (String name : NAMES) {
      if (isDefined(name)) {
        continue;
      }
      if (definer == null) {
        definer = isJava8() ? unsafe() : lookup(instrumentation);
      }
      definer.define(name, bytes(name));
    }
  }

  private interface Definer {
    void define(String name, byte[] classFile) throws ReflectiveOperationException;
  }

  private static Definer lookup(Instrumentation instrumentation)
      throws ReflectiveOperationException {
    Class<?> module = Class.forName("java.lang.Module");
    Method getModule = Class.class.getMethod("getModule");
    Instrumentation.class
        .getMethod("redefineModule", module, Set.class, Map.class, Map.class, Set.class, Map.class)
        .invoke(
            instrumentation,
            getModule.invoke(Object.class),
            Collections.emptySet(),
            Collections.emptyMap(),
            Collections.singletonMap(
                "java.lang", Collections.singleton(getModule.invoke(BootHooks.class))),
            Collections.emptySet(),
            Collections.emptyMap());
    Object inJavaLang =
        MethodHandles.class
            .getMethod("privateLookupIn", Class.class, MethodHandles.Lookup.class)
            .invoke(null, Object.class, MethodHandles.lookup());
    Method defineClass = MethodHandles.Lookup.class.getMethod("defineClass", byte[].class);
    return (name, classFile) -> defineClass.invoke(inJavaLang, (Object) classFile);
  }

  private static Definer unsafe() throws ReflectiveOperationException {
    Class<?> type = Class.forName("sun.misc.Unsafe");
    Field field = type.getDeclaredField("theUnsafe");
    field.setAccessible(true);
    Object unsafe = field.get(null);
    Method defineClass =
        type.getMethod(
            "defineClass",
            String.class,
            byte[].class,
            int.class,
            int.class,
            ClassLoader.class,
            ProtectionDomain.class);
    return (name, classFile) ->
        defineClass.invoke(
            unsafe, name.replace('.', '/'), classFile, 0, classFile.length, null, null);
  }

  private static boolean isJava8() {
    return "1.8".equals(System.getProperty("java.specification.version"));
  }

  private static boolean isDefined(String name) {
    try {
      Class.forName(name, false, null);
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private static byte[] bytes(String name) throws IOException {
    String resource = name.replace('.', '/') + ".class";
    @Nullable InputStream found = BootHooks.class.getClassLoader().getResourceAsStream(resource);
    if (found == null) {
      throw new IOException("the agent's jar lacks " + resource);
    }
    try (InputStream in = found) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] buffer = new byte[8192];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        out.write(buffer, 0, n);
      }
      return out.toByteArray();
    }
  }
}
