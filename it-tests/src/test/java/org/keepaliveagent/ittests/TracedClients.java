package org.keepaliveagent.ittests;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;

/**
 * An application of several HTTP clients: a request for {@code /NAME} makes that client send a GET
 * upstream, and is answered with its status. Runs in a JVM of its own, under whatever agents.
 */
final class TracedClients {
  /** Sends a GET; the answer's status. */
  private interface Client {
    int get(String url) throws Exception;
  }

  private TracedClients() {}

  /** Takes the upstream's address. */
  public static void main(String[] arguments) throws IOException {
    String upstream = arguments[0];
    HttpClient jdk = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    CloseableHttpClient apache = HttpClients.createDefault();
    OkHttpClient okHttp = new OkHttpClient();
    Map<String, Client> clients =
        Map.of(
            "jdk",
            url ->
                jdk.send(
                        HttpRequest.newBuilder(URI.create(url)).build(),
                        HttpResponse.BodyHandlers.discarding())
                    .statusCode(),
            "apache",
            url ->
                apache.execute(
                    new HttpGet(url),
                    response -> {
                      response.getEntity().getContent().readAllBytes();
                      return response.getCode();
                    }),
            "okhttp",
            url -> {
              try (Response response =
                  okHttp.newCall(new Request.Builder().url(url).build()).execute()) {
                response.body().bytes();
                return response.code();
              }
            });
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
        status = client.get(upstream);
      } catch (Exception e) {
        e.printStackTrace();
        status = 502;
      }
      exchange.sendResponseHeaders(status, -1);
    }
  }

  /** Says how many threads export spans. */
  private static void threads(HttpExchange exchange) throws IOException {
    try (exchange) {
      long exporting =
          Thread.getAllStackTraces().keySet().stream()
              .filter(thread -> thread.getName().startsWith("BatchSpanProcessor"))
              .count();
      byte[] body = Long.toString(exporting).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }
}
