package org.keepaliveagent.ittests;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A well-behaved upstream: answers 200, counts requests and connections, but for probes. */
final class Origin implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Set<InetSocketAddress> connections = ConcurrentHashMap.newKeySet();
  private final AtomicInteger requests = new AtomicInteger();
  private volatile boolean healthy = true;

  private Origin(HttpServer server) {
    this.server = server;
  }

  static Origin start() throws IOException {
    Origin origin =
        new Origin(
            HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 128));
    origin.server.setExecutor(origin.threads);
    origin.server.createContext("/", origin::answer);
    origin.server.createContext("/healthz", origin::probed);
    origin.server.start();
    return origin;
  }

  private void answer(HttpExchange exchange) throws IOException {
    connections.add(exchange.getRemoteAddress());
    requests.incrementAndGet();
    exchange.getRequestBody().readAllBytes();
    byte[] body = "ok".getBytes(US_ASCII);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private void probed(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(healthy ? 204 : 503, -1);
    exchange.close();
  }

  /** How it answers probes from now on; other requests it answers as ever. */
  void healthy(boolean next) {
    healthy = next;
  }

  int port() {
    return server.getAddress().getPort();
  }

  int requests() {
    return requests.get();
  }

  int connections() {
    return connections.size();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
