package org.keepaliveagent.httpurlconnection;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.util.Map;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Reply;

/** {@code HttpURLConnection} with a buffered body, as most of its users have it. */
final class HttpUrlConnectionDriver implements ClientDriver {
  private final URL target;
  private final @Nullable SSLSocketFactory tls;

  HttpUrlConnectionDriver(String url, @Nullable SSLContext trust) throws IOException {
    target = URI.create(url).toURL();
    // One factory for all requests: the library keeps connections by it.
    tls = trust == null ? null : trust.getSocketFactory();
  }

  @Override
  public Reply send(String method, String body, Map<String, String> headers) throws IOException {
    return exchange(method, body, false, headers);
  }

  @Override
  public Reply sendOnce(String method, String body, Map<String, String> headers)
      throws IOException {
    return exchange(method, body, true, headers);
  }

  private Reply exchange(
      String method, @Nullable String body, boolean streamed, Map<String, String> headers)
      throws IOException {
    HttpURLConnection exchange = (HttpURLConnection) target.openConnection();
    if (tls != null) {
      ((HttpsURLConnection) exchange).setSSLSocketFactory(tls);
    }
    exchange.setReadTimeout(READ_TIMEOUT);
    exchange.setRequestMethod(method);
    headers.forEach(exchange::setRequestProperty);
    if (body != null) {
      exchange.setDoOutput(true);
      if (streamed) {
        exchange.setFixedLengthStreamingMode(body.length());
      }
      try (OutputStream out = exchange.getOutputStream()) {
        out.write(body.getBytes(UTF_8));
      }
    }
    try (InputStream in =
        exchange.getResponseCode() < 400 ? exchange.getInputStream() : exchange.getErrorStream()) {
      if (in.readAllBytes().length < exchange.getContentLength()) {
        throw new EOFException("the body ended early");
      }
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
  public String untested(String rule) {
    return switch (rule) {
      case "H2" -> "the library cannot be asked for HTTP/1.0";
      case "L9" -> "the library knows no limit of connections at which a request waits";
      case "R8 tries" -> "the library sends a request at most twice";
      case "R9" -> "the library takes no status for a reason to send a request again";
      case "S2 send" -> "a blocking socket does not say when a write waits";
      case "S2 retry" -> "the library never sends a request again after a time-out";
      default -> null;
    };
  }

  @Override
  public String sharesPool() {
    return "the library has one cache of connections for the whole process";
  }

  @Override
  public void close() {}
}
