package org.keepaliveagent.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Stream;

/**
 * One version of a library in a class loader of its own, so that several run in one JVM.
 *
 * <p>The loader asks itself first: for the library, and for the driver, which is defined again for
 * each version. What it does not have, the kit and the hooks above all, comes from the loader of
 * the tests, so that driver and rules speak of the same types. It lives as long as the JVM.
 */
public final class LibraryVersion {
  private static final ConcurrentMap<Path, LibraryVersion> LOADED = new ConcurrentHashMap<>();

  private final Path folder;
  private final ConcurrentMap<Class<?>, ClassLoader> loaders = new ConcurrentHashMap<>();

  private LibraryVersion(Path folder) {
    this.folder = folder;
  }

  /** The version whose jars are in {@code target/libraries} under this name. */
  public static LibraryVersion of(String name) {
    return of(Path.of("target", "libraries", name));
  }

  /** The version whose jars are in this folder; loaded once. */
  public static LibraryVersion of(Path folder) {
    return LOADED.computeIfAbsent(folder.toAbsolutePath().normalize(), LibraryVersion::new);
  }

  /**
   * A new driver that sees this version of the library.
   *
   * @param driver its class, as compiled; must not have been handed anything of the library's
   * @param arguments for its only constructor, which must be public; of types outside the library
   */
  public ClientDriver driver(Class<? extends ClientDriver> driver, Object... arguments)
      throws IOException {
    return (ClientDriver) instance(driver, arguments);
  }

  /** As {@link #driver}, of any class of the tests. */
  public Object instance(Class<?> type, Object... arguments) throws IOException {
    ClassLoader loader = loaders.computeIfAbsent(type, this::loader);
    try {
      Class<?> own = Class.forName(type.getName(), true, loader);
      if (own.getClassLoader() != loader) {
        throw new IllegalStateException(type + " would see another version");
      }
      Constructor<?> constructor = own.getDeclaredConstructors()[0];
      constructor.setAccessible(true);
      return constructor.newInstance(arguments);
    } catch (InvocationTargetException e) {
      throw new IOException(e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IOException(e);
    }
  }

  private ClassLoader loader(Class<?> driver) {
    List<URL> places = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path jar : files.filter(file -> file.toString().endsWith(".jar")).sorted().toList()) {
        places.add(jar.toUri().toURL());
      }
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (places.isEmpty()) {
      throw new IllegalStateException("no jar in " + folder + "; the build puts them there");
    }
    places.add(driver.getProtectionDomain().getCodeSource().getLocation());
    return new OwnFirst(places.toArray(new URL[0]));
  }

  private static final class OwnFirst extends URLClassLoader {
    static {
      registerAsParallelCapable();
    }

    OwnFirst(URL[] places) {
      super(places, LibraryVersion.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        Class<?> own = findLoadedClass(name);
        if (own == null && !name.startsWith("java.")) {
          try {
            own = findClass(name);
          } catch (ClassNotFoundException notHere) {
            own = null;
          }
        }
        if (own == null) {
          return super.loadClass(name, resolve);
        }
        if (resolve) {
          resolveClass(own);
        }
        return own;
      }
    }

    @Override
    public URL getResource(String name) {
      URL own = findResource(name);
      return own == null ? super.getResource(name) : own;
    }
  }
}
