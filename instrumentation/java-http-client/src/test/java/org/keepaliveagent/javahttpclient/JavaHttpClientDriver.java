package org.keepaliveagent.javahttpclient;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Reply;

/** The JDK's client, restricted to HTTP/1.1. */
final class JavaHttpClientDriver implements ClientDriver {
  private final HttpClient client;
  private final URI target;

  JavaHttpClientDriver(String url, @Nullable SSLContext trust) {
    HttpClient.Builder builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1);
    client = trust == null ? builder.build() : builder.sslContext(trust).build();
    target = URI.create(url);
  }

  @Override
  public Reply send(String method, String body, Map<String, String> headers) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(target)
            .timeout(Duration.ofMillis(READ_TIMEOUT))
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    headers.forEach(request::header);
    try {
      HttpResponse<String> response =
          client.send(request.build(), HttpResponse.BodyHandlers.ofString());
      return new Reply(
          response.statusCode(), number(response, "X-Connection"), number(response, "X-Request"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private static int number(HttpResponse<?> response, String header) {
    return Integer.parseInt(response.headers().firstValue(header).orElse("0"));
  }

  @Override
  public String untested(String rule) {
    return switch (rule) {
      case "P3 HTTP/1.0" -> "the client reports every HTTP/1.x response as HTTP/1.1";
      case "R10 siblings" ->
          "the pool hands out the oldest connection first, so that none is older";
      default -> null;
    };
  }

  @Override
  public void close() {}
}
