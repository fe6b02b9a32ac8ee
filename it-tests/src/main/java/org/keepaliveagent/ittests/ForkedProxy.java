package org.keepaliveagent.ittests;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A proxy in a child JVM, with the agent or without. */
public final class ForkedProxy implements AutoCloseable {
  /** Starts a proxy in front of an upstream's port. */
  public interface Starter {
    ForkedProxy start(int upstreamPort, List<String> jvmOptions, Map<String, String> environment)
        throws IOException, InterruptedException;
  }

  private final ForkedJvm jvm;
  private final URI address;

  private ForkedProxy(ForkedJvm jvm, URI address) {
    this.jvm = jvm;
    this.address = address;
  }

  /**
   * Starts proxy-core in front of one upstream, and waits until it listens.
   *
   * @param folder for its configuration
   * @param jvmOptions for example the {@link #agent}
   */
  static ForkedProxy start(
      Path folder, int upstreamPort, List<String> jvmOptions, Map<String, String> environment)
      throws IOException, InterruptedException {
    return start(
        folder,
        "location / { proxy_pass http://127.0.0.1:%d; }".formatted(upstreamPort),
        jvmOptions,
        environment);
  }

  /** The same in front of several upstreams, under {@code /0/}, {@code /1/} and so on. */
  static ForkedProxy start(
      Path folder,
      List<Integer> upstreamPorts,
      List<String> jvmOptions,
      Map<String, String> environment)
      throws IOException, InterruptedException {
    StringBuilder locations = new StringBuilder();
    for (int i = 0; i < upstreamPorts.size(); i++) {
      locations.append(
          "location /%d/ { proxy_pass http://127.0.0.1:%d; } ".formatted(i, upstreamPorts.get(i)));
    }
    return start(folder, locations.toString(), jvmOptions, environment);
  }

  private static ForkedProxy start(
      Path folder, String locations, List<String> jvmOptions, Map<String, String> environment)
      throws IOException, InterruptedException {
    Path configuration = Files.createTempFile(folder, "nginx", ".conf");
    Files.writeString(
        configuration,
        """
        events {}
        http {
          server {
            listen 127.0.0.1:0;
            %s
          }
        }
        """
            .formatted(locations));
    List<String> arguments = new ArrayList<>(jvmOptions);
    arguments.addAll(List.of("-jar", Artifacts.PROXY.toString(), "-c", configuration.toString()));
    return start(arguments, "proxy-core ready on ", environment);
  }

  /**
   * Starts any proxy and waits until it listens.
   *
   * @param ready how the line of standard output begins that ends in a colon and its port
   */
  public static ForkedProxy start(
      List<String> arguments, String ready, Map<String, String> environment)
      throws IOException, InterruptedException {
    ForkedJvm jvm = ForkedJvm.start(arguments, environment);
    try {
      String line = jvm.awaitOut(said -> said.startsWith(ready));
      String port = line.substring(line.lastIndexOf(':') + 1).trim();
      return new ForkedProxy(jvm, URI.create("http://127.0.0.1:" + port + "/"));
    } catch (Throwable t) {
      jvm.close();
      throw t;
    }
  }

  /** The JVM option that brings the agent; empty options stand for none. */
  public static String agent(String options) {
    return "-javaagent:" + Artifacts.AGENT + (options.isEmpty() ? "" : "=" + options);
  }

  /** Brings the agent to the running process, or new options to the agent. */
  public void attach(String options) throws IOException, InterruptedException {
    List<String> arguments =
        List.of("-jar", Artifacts.AGENT.toString(), "attach", String.valueOf(jvm.pid()), options);
    try (ForkedJvm attach = ForkedJvm.start(arguments, Map.of())) {
      if (attach.awaitExit() != 0) {
        throw new AssertionError("it could not be attached: " + attach.err());
      }
    }
  }

  public URI address() {
    return address;
  }

  public ForkedJvm jvm() {
    return jvm;
  }

  @Override
  public void close() {
    jvm.close();
  }
}
