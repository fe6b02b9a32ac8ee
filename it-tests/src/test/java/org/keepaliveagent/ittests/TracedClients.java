package org.keepaliveagent.ittests;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import reactor.netty.resources.ConnectionProvider;

/**
 * An application of several HTTP clients: a request for {@code /NAME} makes that client send a GET
 * upstream, and is answered with its status. With the property {@code forward} it passes the
 * headers on that name a trace, as one does that has no tracer. Runs in a JVM of its own, under
 * whatever agents.
 */
final class TracedClients {
  private static final List<String> TRACE =
      List.of("traceparent", "b3", "X-B3-TraceId", "X-B3-SpanId", "X-B3-Sampled");

  /** Sends a GET with these headers; the answer's status. */
  private interface Client {
    int get(String url, Map<String, String> headers) throws Exception;
  }

  private TracedClients() {}

  /** Takes the upstream's address. */
  public static void main(String[] arguments) throws IOException {
    String upstream = arguments[0];
    HttpClient jdk = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    CloseableHttpClient apache = HttpClients.createDefault();
    OkHttpClient okHttp = new OkHttpClient();
    // It answers before it parks: with a second connection the next request would not wait for
    // that.
    reactor.netty.http.client.HttpClient netty =
        reactor.netty.http.client.HttpClient.create(ConnectionProvider.create("one", 1));
    Map<String, Client> clients =
        Map.of(
            "jdk",
            (url, headers) -> {
              HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
              headers.forEach(request::header);
              return jdk.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
            },
            "apache",
            (url, headers) -> {
              HttpGet request = new HttpGet(url);
              headers.forEach(request::addHeader);
              return apache.execute(
                  request,
                  response -> {
                    response.getEntity().getContent().readAllBytes();
                    return response.getCode();
                  });
            },
            "okhttp",
            (url, headers) -> {
              Request.Builder request = new Request.Builder().url(url);
              headers.forEach(request::header);
              try (Response response = okHttp.newCall(request.build()).execute()) {
                response.body().bytes();
                return response.code();
              }
            },
            "reactor",
            (url, headers) ->
                netty
                    .headers(fields -> headers.forEach(fields::set))
                    .get()
                    .uri(url)
                    .responseSingle((response, body) -> body.thenReturn(response.status().code()))
                    .block(Duration.ofSeconds(20)));
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    clients.forEach(
        (name, client) ->
            server.createContext("/" + name, exchange -> answer(exchange, client, upstream)));
    server.createContext("/threads", TracedClients::threads);
    server.start();
    System.out.println("ready on " + server.getAddress().getPort());
  }

  private static void answer(HttpExchange exchange, Client client, String upstream)
      throws IOException {
    try (exchange) {
      int status;
      try {
        status = client.get(upstream, headers(exchange));
      } catch (Exception e) {
        e.printStackTrace();
        status = 502;
      }
      exchange.sendResponseHeaders(status, -1);
    }
  }

  private static Map<String, String> headers(HttpExchange exchange) {
    Map<String, String> headers = new HashMap<>();
    for (String name : Boolean.getBoolean("forward") ? TRACE : List.<String>of()) {
      String value = exchange.getRequestHeaders().getFirst(name);
      if (value != null) {
        headers.put(name, value);
      }
    }
    return headers;
  }

  /** Says how many threads export spans. */
  private static void threads(HttpExchange exchange) throws IOException {
    try (exchange) {
      long exporting =
          Thread.getAllStackTraces().keySet().stream()
              .filter(thread -> thread.getName().startsWith("BatchSpanProcessor"))
              .count();
      byte[] body = Long.toString(exporting).getBytes(US_ASCII);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }
}
