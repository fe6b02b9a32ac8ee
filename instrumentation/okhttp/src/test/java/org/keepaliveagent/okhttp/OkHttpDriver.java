package org.keepaliveagent.okhttp;

import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509TrustManager;
import okhttp3.ConnectionPool;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Reply;

/** A client whose own pool keeps everything. */
public final class OkHttpDriver implements ClientDriver {
  private final OkHttpClient client;
  private final String target;
  private final String version;

  public OkHttpDriver(String url, @Nullable SSLContext trust, String version) {
    OkHttpClient.Builder builder =
        new OkHttpClient.Builder()
            .connectionPool(new ConnectionPool(1000, 1, TimeUnit.DAYS))
            .protocols(List.of(Protocol.HTTP_1_1))
            .readTimeout(READ_TIMEOUT, TimeUnit.MILLISECONDS);
    if (trust != null) {
      builder.sslSocketFactory(trust.getSocketFactory(), new Unasked());
    }
    client = builder.build();
    target = url;
    this.version = version;
  }

  @Override
  public Reply send(String method, String body, Map<String, String> headers) throws IOException {
    // The library wants a body, however short, where a method may have one.
    String own = body == null && method.equals("PUT") ? "" : body;
    return send(method, own == null ? null : RequestBody.create((MediaType) null, own), headers);
  }

  @Override
  public Reply sendOnce(String method, String body, Map<String, String> headers)
      throws IOException {
    return send(
        method,
        new RequestBody() {
          @Override
          public @Nullable MediaType contentType() {
            return null;
          }

          @Override
          public long contentLength() {
            return body.length();
          }

          @Override
          public boolean isOneShot() {
            return true;
          }

          @Override
          public void writeTo(BufferedSink sink) throws IOException {
            sink.writeUtf8(body);
          }
        },
        headers);
  }

  private Reply send(String method, @Nullable RequestBody body, Map<String, String> headers)
      throws IOException {
    Request.Builder request = new Request.Builder().url(target).method(method, body);
    headers.forEach(request::header);
    try (Response response = client.newCall(request.build()).execute()) {
      response.body().string();
      return new Reply(
          response.code(), number(response, "X-Connection"), number(response, "X-Request"));
    }
  }

  private static int number(Response response, String name) {
    String value = response.header(name);
    return value == null ? 0 : Integer.parseInt(value);
  }

  /** Connections in the library's own pool. */
  public int pooled() {
    return client.connectionPool().connectionCount();
  }

  @Override
  public boolean listensWhileIdle() {
    return false;
  }

  @Override
  public String untested(String rule) {
    return switch (rule) {
      case "H2" -> "the library sends HTTP/1.1 only";
      case "S2 send" ->
          target.startsWith("https:")
              ? "the library ends a write by closing the TLS socket, and the JDK waits for that write"
              : null;
      case "R10 siblings" ->
          "the pool hands out the connection that it opened first, not the one parked last";
      case "L9" -> "the library's pool has no limit per route, and nowhere to wait";
      case "R4", "R8 tries", "S2 retry" ->
          version.startsWith("3.")
              ? "the library gives up a route that failed when it was new, and repeats nothing after"
                  + " a time-out"
              : null;
      case "R6" ->
          version.equals("3.12.13") ? "the library knows no body that can be read once only" : null;
      default -> null;
    };
  }

  @Override
  public @Nullable String sharesPool() {
    return null;
  }

  @Override
  public void close() {
    client.dispatcher().executorService().shutdown();
    client.connectionPool().evictAll();
  }

  /** The library wants a trust manager beside the sockets' own, for certificate pins alone. */
  static final class Unasked implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
      throw new UnsupportedOperationException();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
