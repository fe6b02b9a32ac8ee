package org.keepaliveagent.extension;

import io.opentelemetry.api.trace.TracerBuilder;
import io.opentelemetry.javaagent.extension.AgentListener;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.io.File;
import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.util.function.Function;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;

/**
 * The jar as an extension of the OpenTelemetry agent: starts this agent, if {@code -javaagent} has
 * not, and lends it that agent's SDK. So there is one exporter, one resource and one sampler.
 *
 * <p>A service of a kind that only that agent knows: the jar lies on the application's class path
 * too, and an application with an SDK of its own would find one of the SDK's kinds there.
 */
public final class KeepaliveExtension implements AgentListener {
  private static final String EXTENSIONS = "otel.javaagent.extensions";
  private static final String HOLDER = "io.opentelemetry.javaagent.bootstrap.InstrumentationHolder";
  private static final String DOOR = "org.keepaliveagent.premain.KeepaliveAgent";
  private static final String SCOPE = "keepalive-agent";

  @Override
  public void afterAgent(AutoConfiguredOpenTelemetrySdk configured) {
    try {
      File file = jar();
      if (file == null) {
        say("its jar is not among " + EXTENSIONS + "; the application runs without it");
        return;
      }
      Instrumentation instrumentation =
          (Instrumentation)
              Class.forName(HOLDER, true, null).getMethod("getInstrumentation").invoke(null);
      instrumentation.appendToSystemClassLoaderSearch(new JarFile(file));
      Class<?> door = ClassLoader.getSystemClassLoader().loadClass(DOOR);
      TracerBuilder tracer =
          configured.getOpenTelemetrySdk().getTracerProvider().tracerBuilder(SCOPE);
      Function<Object[], Object> spans = new SpanWriter(tracer.build());
      door.getMethod("spansTo", Function.class).invoke(null, spans);
      door.getMethod("premain", String.class, Instrumentation.class)
          .invoke(null, "", instrumentation);
    } catch (Throwable t) {
      say("could not start as an extension, the application runs without it: " + t);
    }
  }

  /** The file that the OpenTelemetry agent was given, or one in the folder that it was given. */
  private static @Nullable File jar() {
    String given = System.getProperty(EXTENSIONS, System.getenv("OTEL_JAVAAGENT_EXTENSIONS"));
    for (String place : given == null ? new String[0] : given.split(",", -1)) {
      File file = new File(place.trim());
      File[] inside = file.listFiles();
      for (File each : inside == null ? new File[] {file} : inside) {
        if (each.getName().endsWith(".jar") && isOurs(each)) {
          return each;
        }
      }
    }
    return null;
  }

  private static boolean isOurs(File file) {
    try (JarFile jar = new JarFile(file, false)) {
      return jar.getEntry(DOOR.replace('.', '/') + ".class") != null;
    } catch (IOException e) {
      return false;
    }
  }

  private static void say(String message) {
    System.err.println("keepalive-agent: " + message);
  }
}
