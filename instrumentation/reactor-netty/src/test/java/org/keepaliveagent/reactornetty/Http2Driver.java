package org.keepaliveagent.reactornetty;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Reply;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

/** A client and a server that speak HTTP/2 without TLS, and number connections and requests. */
public final class Http2Driver implements ClientDriver {
  private final LoopResources loops = LoopResources.create("http2", 2, true);
  private final ConnectionProvider pool = ConnectionProvider.create("http2", 4);
  private final Map<Object, AtomicInteger> requests = new ConcurrentHashMap<>();
  private final DisposableServer server;
  private final HttpClient client;

  public Http2Driver() {
    server =
        HttpServer.create()
            .runOn(loops, false)
            .host("127.0.0.1")
            .port(0)
            .protocol(HttpProtocol.H2C)
            .handle(
                (request, response) -> {
                  AtomicInteger count =
                      requests.computeIfAbsent(request.remoteAddress(), any -> new AtomicInteger());
                  return response.sendString(
                      Mono.just(requests.size() + " " + count.incrementAndGet()));
                })
            .bindNow();
    client =
        HttpClient.create(pool)
            .runOn(loops, false)
            .protocol(HttpProtocol.H2C)
            .baseUrl("http://127.0.0.1:" + server.port());
  }

  @Override
  public Reply send(String method, @Nullable String body, Map<String, String> headers)
      throws IOException {
    String[] said =
        client
            .get()
            .uri("/")
            .responseContent()
            .aggregate()
            .asString()
            .blockOptional(Duration.ofSeconds(20))
            .orElseThrow()
            .split(" ", 2);
    return new Reply(200, Integer.parseInt(said[0]), Integer.parseInt(said[1]));
  }

  @Override
  public void close() {
    pool.disposeLater().block(Duration.ofSeconds(10));
    server.disposeNow(Duration.ofSeconds(10));
    loops.disposeLater(Duration.ZERO, Duration.ofSeconds(5)).block(Duration.ofSeconds(10));
  }
}
