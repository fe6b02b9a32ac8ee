package org.keepaliveagent.reactornetty;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Reply;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

/**
 * A reverse proxy as Spring Cloud Gateway is one: what it receives is what it sends, for requests
 * without a body too, and can be subscribed to once.
 */
public final class GatewayDriver implements ClientDriver {
  /** One thread: what comes next finds the pool as it was left. */
  private final LoopResources loops = LoopResources.create("gateway", 1, true);

  private final ConnectionProvider pool = ConnectionProvider.create("gateway", 4);
  private final DisposableServer server;

  public GatewayDriver(String url) {
    HttpClient client = HttpClient.create(pool).runOn(loops, false).baseUrl(url);
    server =
        HttpServer.create()
            .runOn(loops, false)
            .host("127.0.0.1")
            .port(0)
            .handle(
                (request, response) ->
                    client
                        .headers(out -> out.set(request.requestHeaders()))
                        .request(request.method())
                        .uri("/")
                        .send((out, outbound) -> outbound.send(request.receive().retain()))
                        .responseConnection(
                            (answer, connection) ->
                                response
                                    .status(answer.status())
                                    .headers(answer.responseHeaders())
                                    .send(connection.inbound().receive().retain())
                                    .then())
                        .then()
                        .onErrorResume(failure -> response.status(502).send()))
            .bindNow();
  }

  @Override
  public Reply send(String method, @Nullable String body, Map<String, String> headers)
      throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection)
            URI.create("http://127.0.0.1:" + server.port() + "/").toURL().openConnection();
    connection.setRequestMethod(method);
    connection.setReadTimeout(READ_TIMEOUT);
    if (body != null) {
      connection.setDoOutput(true);
      connection.getOutputStream().write(body.getBytes(StandardCharsets.US_ASCII));
    }
    int status = connection.getResponseCode();
    return new Reply(
        status,
        connection.getHeaderFieldInt("X-Connection", 0),
        connection.getHeaderFieldInt("X-Request", 0));
  }

  @Override
  public void close() {
    server.disposeNow(Duration.ofSeconds(10));
    pool.disposeLater().block(Duration.ofSeconds(10));
    loops.disposeLater(Duration.ZERO, Duration.ofSeconds(5)).block(Duration.ofSeconds(10));
  }
}
