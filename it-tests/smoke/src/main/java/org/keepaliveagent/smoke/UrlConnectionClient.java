package org.keepaliveagent.smoke;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;

/** {@code HttpURLConnection}. */
final class UrlConnectionClient implements SmokeClient {
  @Override
  public int send(URI to, String method, String traceparent) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) to.toURL().openConnection();
    connection.setRequestMethod(method);
    connection.setRequestProperty("traceparent", traceparent);
    if (method.equals("POST")) {
      connection.setDoOutput(true);
      try (OutputStream body = connection.getOutputStream()) {
        body.write("hello".getBytes(US_ASCII));
      }
    }
    try (InputStream body = connection.getInputStream()) {
      while (body.read() >= 0) {
        // to the end, so that the connection is kept
      }
    }
    return connection.getResponseCode();
  }
}
