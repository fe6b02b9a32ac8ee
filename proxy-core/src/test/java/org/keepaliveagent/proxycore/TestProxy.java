package org.keepaliveagent.proxycore;

import io.netty.channel.Channel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;

/** A proxy with one worker, its configuration made by the test. */
final class TestProxy implements AutoCloseable {
  private final Proxy proxy;
  private final AtomicBoolean stopped = new AtomicBoolean();

  private TestProxy(ProxyConfig config) throws IOException {
    proxy = Proxy.start(config);
  }

  /** Everything goes to these origins in turn. */
  static TestProxy to(Origin... origins) throws Exception {
    return with("", origins);
  }

  /** The same with more directives in the http block. */
  static TestProxy with(String directives, Origin... origins) throws Exception {
    StringBuilder servers = new StringBuilder();
    for (Origin origin : origins) {
      servers.append("server 127.0.0.1:").append(origin.port()).append(";");
    }
    return configured(
        "http { upstream origins { %s } %s server { listen 127.0.0.1:0; location / { proxy_pass http://origins; } } }"
            .formatted(servers, directives));
  }

  static TestProxy configured(String text) throws Exception {
    return configured(Path.of("target").toAbsolutePath(), text);
  }

  /** The same with its files elsewhere. */
  static TestProxy configured(Path prefix, String text) throws Exception {
    return configured(ProxyConfig.parse(prefix, "nginx.conf", "", text));
  }

  static TestProxy configured(ProxyConfig config) throws IOException {
    return new TestProxy(config);
  }

  InetSocketAddress address() {
    return proxy.addresses().get(0);
  }

  Wire connect() throws IOException {
    return Wire.connect(address());
  }

  /** Connects to an address in the order of the configuration. */
  Wire connect(int address) throws IOException {
    int port = proxy.addresses().get(address).getPort();
    return Wire.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  int clientCount() {
    return proxy.clients().size();
  }

  int parked() throws Exception {
    return onLoop(() -> worker().pools().stream().mapToInt(ConnectionPool::parkedCount).sum());
  }

  int open() throws Exception {
    return onLoop(() -> worker().pools().stream().mapToInt(ConnectionPool::openCount).sum());
  }

  /** The exchange of the only client. */
  Exchange exchange() throws Exception {
    Channel client = proxy.clients().iterator().next();
    ClientHandler handler = client.pipeline().get(ClientHandler.class);
    return onLoop(() -> Objects.requireNonNull(handler.exchange()));
  }

  <T> T onLoop(Callable<T> task) throws Exception {
    return worker().loop().submit(task).get();
  }

  private Worker worker() {
    return proxy.workers().values().iterator().next();
  }

  void reload(ProxyConfig config) throws IOException {
    proxy.reload(config);
  }

  void stop(Duration limit) {
    if (stopped.compareAndSet(false, true)) {
      proxy.stop(limit);
    }
  }

  @Override
  public void close() {
    stop(Duration.ZERO);
  }

  /** Waits for what another thread is about to do. */
  static void await(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(Wire.PATIENCE_SECONDS).toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("still not: " + what);
      }
      Thread.sleep(1); // The proxy needs the processor more.
    }
  }
}
