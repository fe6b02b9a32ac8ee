package org.keepaliveagent.telemetry;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.function.Predicate;

/**
 * Finds out whether another tracing agent lives in this process: then it has written the {@code
 * traceparent} that we see, and its span is the client span of the request.
 */
final class OtherTracer {
  /** In the path of an agent's file. */
  private static final String[] FILES = {
    "opentelemetry",
    "otel",
    "dd-java-agent",
    "elastic-apm-agent",
    "applicationinsights-agent",
    "newrelic",
    "oneagent"
  };

  /** Entry classes, which stay the same when the file is renamed or repackaged. */
  private static final String[] CLASSES = {
    "io.opentelemetry.javaagent.OpenTelemetryAgent",
    "datadog.trace.bootstrap.AgentBootstrap",
    "co.elastic.apm.agent.premain.AgentMain",
    "com.newrelic.bootstrap.BootstrapAgent"
  };

  private OtherTracer() {}

  /** Asks this JVM. */
  static boolean inThisProcess() {
    return among(
        ManagementFactory.getRuntimeMXBean().getInputArguments(),
        name -> ClassLoader.getSystemResource(name.replace('.', '/') + ".class") != null);
  }

  /**
   * The decision.
   *
   * @param jvmArguments the options of the JVM
   * @param exists whether the system class loader has a class of this name
   */
  static boolean among(List<String> jvmArguments, Predicate<String> exists) {
    for (String argument : jvmArguments) {
      if (isTracer(argument)) {
        return true;
      }
    }
    for (String name : CLASSES) {
      if (exists.test(name)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isTracer(String argument) {
    if (!argument.startsWith("-javaagent:") && !argument.startsWith("-agentpath:")) {
      return false;
    }
    for (String file : FILES) {
      if (argument.contains(file)) {
        return true;
      }
    }
    return false;
  }
}
