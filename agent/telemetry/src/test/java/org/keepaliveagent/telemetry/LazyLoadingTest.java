package org.keepaliveagent.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Runs the module in a class loader of its own, which tells what was loaded. */
class LazyLoadingTest {
  @Test
  void nothingOfOpenTelemetryIsLoadedBeforeTheFirstAttempt() throws Exception {
    try (Recorder loader = new Recorder(jar -> true)) {
      run(loader, Idle.class);
      assertTrue(loader.loaded.contains(Telemetry.class.getName()), "the recorder records");
      assertEquals(
          List.of(),
          loader.loaded.stream().filter(name -> name.startsWith("io.opentelemetry")).toList());
    }
  }

  @Test
  void missingClassesOfTheSdkAreSaidOnceAndContained() throws Exception {
    try (Recorder loader = new Recorder(jar -> !jar.contains("opentelemetry-sdk-trace"))) {
      Object messages = run(loader, Busy.class);
      assertTrue(messages.toString().contains("NoClassDefFoundError"), messages.toString());
      assertEquals(1, ((List<?>) messages).size());
    }
    Await.threadsGone(TelemetryThread.NAME);
  }

  private static Object run(ClassLoader loader, Class<?> scenario) throws Exception {
    Class<?> inside = Class.forName(scenario.getName(), true, loader);
    return ((Callable<?>) inside.getConstructor().newInstance()).call();
  }

  /** Starts, asks and closes; metrics too, with nothing to measure. */
  public static final class Idle implements Callable<Object> {
    @Override
    public Object call() {
      Telemetry telemetry = new Telemetry(Switch.ON, SpanChoice.ALL, message -> {});
      telemetry.start();
      boolean wanted = telemetry.wants(Attempts.SAMPLED);
      telemetry.close();
      Metrics metrics = new Metrics(Switch.ON, Collections::emptyList, () -> false, message -> {});
      metrics.start();
      metrics.close();
      return wanted;
    }
  }

  /** Offers two attempts; answers with the messages. */
  public static final class Busy implements Callable<Object> {
    @Override
    public Object call() {
      List<String> messages = Collections.synchronizedList(new ArrayList<>());
      Telemetry telemetry = new Telemetry(Switch.ON, SpanChoice.ALL, messages::add);
      telemetry.start();
      telemetry.attempt(Attempts.reuse(1, "GET", Attempts.SAMPLED));
      telemetry.attempt(Attempts.reuse(2, "GET", Attempts.SAMPLED));
      Await.until("both attempts are counted as dropped", () -> telemetry.dropped() == 2);
      telemetry.close();
      return messages;
    }
  }

  /** Sees the JDK and those entries of the class path that the filter lets through. */
  private static final class Recorder extends URLClassLoader {
    final List<String> loaded = Collections.synchronizedList(new ArrayList<>());

    Recorder(Predicate<String> entry) {
      super(
          Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
              .filter(entry)
              .map(Recorder::url)
              .toArray(URL[]::new),
          ClassLoader.getPlatformClassLoader());
    }

    private static URL url(String entry) {
      try {
        return new File(entry).toURI().toURL();
      } catch (java.net.MalformedURLException e) {
        throw new AssertionError(entry, e);
      }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      loaded.add(name);
      return super.findClass(name);
    }
  }
}
