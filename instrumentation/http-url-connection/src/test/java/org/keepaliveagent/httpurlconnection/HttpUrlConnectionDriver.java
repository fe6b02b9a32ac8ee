package org.keepaliveagent.httpurlconnection;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.util.Map;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Reply;

/** {@code HttpURLConnection} with a buffered body, as most of its users have it. */
final class HttpUrlConnectionDriver implements ClientDriver {
  private final URL target;

  HttpUrlConnectionDriver(String scheme, int port) throws IOException {
    target = URI.create(scheme + "://127.0.0.1:" + port + "/").toURL();
  }

  @Override
  public Reply send(String method, String body, Map<String, String> headers) throws IOException {
    HttpURLConnection exchange = (HttpURLConnection) target.openConnection();
    exchange.setReadTimeout(20_000);
    exchange.setRequestMethod(method);
    headers.forEach(exchange::setRequestProperty);
    if (body != null) {
      exchange.setDoOutput(true);
      try (OutputStream out = exchange.getOutputStream()) {
        out.write(body.getBytes(UTF_8));
      }
    }
    try (InputStream in = exchange.getInputStream()) {
      in.readAllBytes();
    }
    return new Reply(
        exchange.getResponseCode(),
        exchange.getHeaderFieldInt("X-Connection", 0),
        exchange.getHeaderFieldInt("X-Request", 0));
  }

  @Override
  public boolean listensWhileIdle() {
    return false;
  }

  @Override
  public void close() {}
}
