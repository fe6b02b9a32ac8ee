package org.keepaliveagent.ittests.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.keepaliveagent.ittests.ExistingProxy;
import org.keepaliveagent.ittests.ForkedProxy;

/** A proxy whose requests are measured, as compiled as it gets. */
enum CostProxy {
  PROXY_CORE("proxy-core", "netty"),
  UNDERTOW("undertow", "undertow"),
  REACTOR_NETTY("reactor-netty", "netty,reactor,reactor-netty");

  private final String title;
  private final String instrumentations;

  CostProxy(String title, String instrumentations) {
    this.title = title;
    this.instrumentations = instrumentations;
  }

  String title() {
    return title;
  }

  /**
   * Starts it and waits until it listens.
   *
   * @param more options of the JVM, besides those of the variant
   */
  ForkedProxy start(
      CostVariant variant, List<String> more, Path folder, int upstreamPort, SpanSink sink)
      throws IOException, InterruptedException {
    List<String> options = new ArrayList<>(more);
    options.addAll(variant.jvmOptions(List.of(instrumentations.split(",", -1))));
    Map<String, String> environment = variant.environment(sink);
    String port = Integer.toString(upstreamPort);
    return switch (this) {
      case PROXY_CORE ->
          ExistingProxy.PROXY_CORE.start(folder, List.of(upstreamPort), options, environment);
      case UNDERTOW -> start(options, environment, "UndertowProxy", "2", port);
      case REACTOR_NETTY -> start(options, environment, "ReactorNettyGateway", port);
    };
  }

  private ForkedProxy start(
      List<String> options, Map<String, String> environment, String main, String... arguments)
      throws IOException, InterruptedException {
    Path target = Path.of("proxies", title, "target").toAbsolutePath();
    String classPath = Files.readString(target.resolve("proxy.classpath")).strip();
    List<String> command = new ArrayList<>(options);
    command.addAll(List.of("-cp", target.resolve("classes") + ":" + classPath));
    command.add("org.keepaliveagent.proxies." + main);
    command.addAll(List.of(arguments));
    return ForkedProxy.start(command, "proxy ready on ", environment);
  }
}
