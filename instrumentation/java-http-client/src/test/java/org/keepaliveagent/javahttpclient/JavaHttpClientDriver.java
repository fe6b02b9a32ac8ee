package org.keepaliveagent.javahttpclient;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
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
    return exchange(
        method,
        body == null
            ? HttpRequest.BodyPublishers.noBody()
            : HttpRequest.BodyPublishers.ofString(body),
        headers);
  }

  @Override
  public Reply sendOnce(String method, String body, Map<String, String> headers)
      throws IOException {
    InputStream stream = new ByteArrayInputStream(body.getBytes(UTF_8));
    return exchange(method, HttpRequest.BodyPublishers.ofInputStream(() -> stream), headers);
  }

  private Reply exchange(String method, HttpRequest.BodyPublisher body, Map<String, String> headers)
      throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(target)
            .timeout(Duration.ofMillis(READ_TIMEOUT))
            .method(method, body);
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
  public int triesWhenRefused() {
    return 2;
  }

  @Override
  public String untested(String rule) {
    return switch (rule) {
      case "H2" -> "the client cannot be asked for HTTP/1.0";
      case "L9" -> "the client knows no limit of connections at which a request waits";
      case "R9" -> "the client takes no status for a reason to send a request again";
      case "S2 send" -> "the client does not say when a write waits";
      case "R10 siblings" ->
          "the pool hands out the oldest connection first, so that none is older";
      default -> null;
    };
  }

  @Override
  public @Nullable String sharesPool() {
    return null;
  }

  @Override
  public void close() {}
}
