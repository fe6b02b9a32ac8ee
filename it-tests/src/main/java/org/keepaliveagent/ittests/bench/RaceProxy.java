package org.keepaliveagent.ittests.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.ittests.Artifacts;
import org.keepaliveagent.ittests.ExistingProxy;
import org.keepaliveagent.ittests.ForkedProxy;

/** A proxy that takes part in the race. */
enum RaceProxy {
  PROXY_CORE(null, null),
  UNDERTOW(ExistingProxy.UNDERTOW_TWO_THREADS, ExistingProxy.UNDERTOW_TWO_UPSTREAMS),
  JETTY(ExistingProxy.JETTY_12, null),
  SPRING_CLOUD_GATEWAY(ExistingProxy.SPRING_CLOUD_GATEWAY_5, null),
  NGINX(null, null),
  NGINX_TUNED(null, null),
  HAPROXY(null, null);

  /** A proxy that listens, and how it is ended. */
  record Running(int port, Runnable end) implements AutoCloseable {
    @Override
    public void close() {
      end.run();
    }
  }

  private final @Nullable ExistingProxy withOne;
  private final @Nullable ExistingProxy withTwo;

  RaceProxy(@Nullable ExistingProxy withOne, @Nullable ExistingProxy withTwo) {
    this.withOne = withOne;
    this.withTwo = withTwo;
  }

  /** What it is called on the command line. */
  String argument() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  String title(int tunedMillis) throws IOException {
    return switch (this) {
      case PROXY_CORE -> "proxy-core";
      case NGINX -> "nginx, keepalive_timeout 60s";
      case NGINX_TUNED -> "nginx, keepalive_timeout " + tunedMillis + "ms";
      case HAPROXY -> "HAProxy, http-reuse always";
      default -> existing(1).title().replaceFirst(",.*", "");
    };
  }

  /** It runs on a JVM: an agent can be brought to it. */
  boolean takesAgent() {
    return this == PROXY_CORE || withOne != null;
  }

  /** It balances over so many upstreams. */
  boolean balances(int upstreams) {
    return upstreams == 1 || withOne == null || withTwo != null;
  }

  /** How many connections at once it is meant for. */
  int clients() {
    return withOne == null ? 50 : withOne.clients();
  }

  /**
   * Starts it and waits until it listens.
   *
   * @param folder for its files
   * @param tunedMillis the hand-tuned limit of idle connections, for the proxy that has one
   */
  Running start(Path folder, List<Integer> upstreams, int tunedMillis, List<String> jvmOptions)
      throws IOException, InterruptedException {
    return switch (this) {
      case NGINX -> running(NativeProxy.nginx(folder, upstreams, "60s"));
      case NGINX_TUNED -> running(NativeProxy.nginx(folder, upstreams, tunedMillis + "ms"));
      case HAPROXY -> running(NativeProxy.haproxy(folder, upstreams));
      case PROXY_CORE -> running(proxyCore(folder, upstreams, jvmOptions));
      default -> running(existing(upstreams.size()).start(folder, upstreams, jvmOptions, Map.of()));
    };
  }

  private ExistingProxy existing(int upstreams) {
    ExistingProxy existing = upstreams == 1 ? withOne : withTwo;
    if (existing == null) {
      throw new IllegalStateException(this + " has " + upstreams + " upstreams");
    }
    return existing;
  }

  /** With nginx's own configuration. */
  private static ForkedProxy proxyCore(
      Path folder, List<Integer> upstreams, List<String> jvmOptions)
      throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(jvmOptions);
    Path configuration = NativeProxy.nginxConf(folder, 0, upstreams, "", "60s");
    arguments.addAll(List.of("-jar", Artifacts.PROXY.toString(), "-c", configuration.toString()));
    return ForkedProxy.start(arguments, "proxy-core ready on ", Map.of());
  }

  private static Running running(ForkedProxy proxy) {
    return new Running(proxy.address().getPort(), proxy::close);
  }

  private static Running running(NativeProxy proxy) {
    return new Running(proxy.port(), proxy::close);
  }
}
