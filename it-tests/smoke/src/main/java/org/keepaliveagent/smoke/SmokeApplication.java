package org.keepaliveagent.smoke;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;

/**
 * An application of the JDK's clients alone: a request for {@code /url-connection?PATH} or {@code
 * /http-client?PATH} makes that client send the same method for that path upstream, with its
 * caller's {@code traceparent}, and is answered with the status that it got; 599 stands for none.
 */
public final class SmokeApplication {
  private static final int FAILED = 599;

  private final URI upstream;

  private SmokeApplication(URI upstream) {
    this.upstream = upstream;
  }

  /** Takes the upstream's address; says which Java it runs on, its clients, and its port. */
  public static void main(String[] arguments) throws IOException {
    SmokeApplication application = new SmokeApplication(URI.create(arguments[0]));
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    String clients = "url-connection";
    serve(server, "/url-connection", new UrlConnectionClient(), application);
    if (ReflectedHttpClient.exists()) {
      serve(server, "/http-client", new ReflectedHttpClient(), application);
      clients += " http-client";
    }
    server.start();
    System.out.println("java " + System.getProperty("java.version"));
    System.out.println("clients " + clients);
    System.out.println("ready on " + server.getAddress().getPort());
  }

  private static void serve(
      HttpServer server, String path, SmokeClient client, SmokeApplication application) {
    server.createContext(path, exchange -> application.answer(exchange, client));
  }

  private void answer(HttpExchange exchange, SmokeClient client) throws IOException {
    try (InputStream body = exchange.getRequestBody()) {
      while (body.read() >= 0) {
        // read to its end, as the upstream's clients send it
      }
    }
    int status;
    try {
      status =
          client.send(
              upstream.resolve("/" + exchange.getRequestURI().getQuery()),
              exchange.getRequestMethod(),
              exchange.getRequestHeaders().getFirst("traceparent"));
    } catch (Exception e) {
      System.err.println("failed: " + e);
      status = FAILED;
    }
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }
}
