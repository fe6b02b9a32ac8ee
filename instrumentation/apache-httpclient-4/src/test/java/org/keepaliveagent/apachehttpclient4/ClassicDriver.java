package org.keepaliveagent.apachehttpclient4;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.apache.http.Header;
import org.apache.http.HttpEntity;
import org.apache.http.HttpResponse;
import org.apache.http.HttpVersion;
import org.apache.http.client.config.RequestConfig;
import org.apache.http.client.methods.CloseableHttpResponse;
import org.apache.http.client.methods.RequestBuilder;
import org.apache.http.config.RegistryBuilder;
import org.apache.http.conn.socket.ConnectionSocketFactory;
import org.apache.http.conn.socket.PlainConnectionSocketFactory;
import org.apache.http.conn.ssl.SSLConnectionSocketFactory;
import org.apache.http.entity.InputStreamEntity;
import org.apache.http.entity.StringEntity;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.client.HttpClientBuilder;
import org.apache.http.impl.conn.PoolingHttpClientConnectionManager;
import org.apache.http.util.EntityUtils;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Reply;

/** The blocking client, its own look at parked connections switched off. */
public final class ClassicDriver implements ClientDriver {
  private final CloseableHttpClient client;
  private final URI target;

  public ClassicDriver(String url, @Nullable SSLContext trust) {
    RegistryBuilder<ConnectionSocketFactory> schemes =
        RegistryBuilder.<ConnectionSocketFactory>create()
            .register("http", PlainConnectionSocketFactory.INSTANCE)
            .register(
                "https",
                trust == null
                    ? SSLConnectionSocketFactory.getSocketFactory()
                    : new SSLConnectionSocketFactory(trust));
    PoolingHttpClientConnectionManager pool =
        new PoolingHttpClientConnectionManager(schemes.build());
    pool.setMaxTotal(POOL);
    pool.setDefaultMaxPerRoute(POOL);
    client =
        HttpClientBuilder.create()
            .setConnectionManager(pool)
            .setDefaultRequestConfig(
                RequestConfig.custom()
                    .setStaleConnectionCheckEnabled(false)
                    .setSocketTimeout(READ_TIMEOUT)
                    .build())
            .build();
    target = URI.create(url);
  }

  @Override
  public Reply send(String method, String body, Map<String, String> headers) throws IOException {
    return execute(request(method, headers, body == null ? null : new StringEntity(body)));
  }

  @Override
  public Reply sendOnce(String method, String body, Map<String, String> headers)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return execute(
        request(
            method, headers, new InputStreamEntity(new ByteArrayInputStream(bytes), bytes.length)));
  }

  @Override
  public Reply sendHttp10(String method, Map<String, String> headers) throws IOException {
    return execute(request(method, headers, null).setVersion(HttpVersion.HTTP_1_0));
  }

  private RequestBuilder request(String method, Map<String, String> headers, HttpEntity body) {
    RequestBuilder request = RequestBuilder.create(method).setUri(target).setEntity(body);
    headers.forEach(request::setHeader);
    return request;
  }

  private Reply execute(RequestBuilder request) throws IOException {
    try (CloseableHttpResponse response = client.execute(request.build())) {
      EntityUtils.consume(response.getEntity());
      return new Reply(
          response.getStatusLine().getStatusCode(),
          number(response, "X-Connection"),
          number(response, "X-Request"));
    }
  }

  private static int number(HttpResponse response, String name) {
    Header header = response.getFirstHeader(name);
    return header == null ? 0 : Integer.parseInt(header.getValue());
  }

  @Override
  public @Nullable String untested(String rule) {
    return switch (rule) {
      case "S2 send" -> "a blocking socket has no time-out for writing";
      default -> null;
    };
  }

  @Override
  public boolean listensWhileIdle() {
    return false;
  }

  @Override
  public @Nullable String sharesPool() {
    return null;
  }

  @Override
  public void close() throws IOException {
    client.close();
  }
}
