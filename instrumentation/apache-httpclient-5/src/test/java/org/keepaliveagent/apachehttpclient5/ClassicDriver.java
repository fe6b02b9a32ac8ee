package org.keepaliveagent.apachehttpclient5;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.CloseableHttpResponse;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.BasicHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.client5.http.ssl.SSLConnectionSocketFactory;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.InputStreamEntity;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Reply;

/** The blocking client, with the pool of this name, or with a single connection. */
public final class ClassicDriver implements ClientDriver {
  private final CloseableHttpClient client;
  private final URI target;

  public ClassicDriver(String url, @Nullable SSLContext trust, String pool) {
    client =
        HttpClientBuilder.create()
            .setConnectionManager(
                pool.equals("SINGLE") ? new BasicHttpClientConnectionManager() : pool(trust, pool))
            .setDefaultRequestConfig(
                RequestConfig.custom()
                    .setResponseTimeout(Timeout.ofMilliseconds(READ_TIMEOUT))
                    .build())
            .build();
    target = URI.create(url);
  }

  private static HttpClientConnectionManager pool(@Nullable SSLContext trust, String pool) {
    PoolingHttpClientConnectionManagerBuilder manager =
        PoolingHttpClientConnectionManagerBuilder.create()
            .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.valueOf(pool))
            .setMaxConnPerRoute(POOL)
            .setMaxConnTotal(POOL);
    if (trust != null) {
      manager.setSSLSocketFactory(new SSLConnectionSocketFactory(trust));
    }
    return manager.build();
  }

  @Override
  public Reply send(String method, String body, Map<String, String> headers) throws IOException {
    return send(
        new HttpUriRequestBase(method, target),
        headers,
        body == null ? null : new StringEntity(body));
  }

  @Override
  public Reply sendOnce(String method, String body, Map<String, String> headers)
      throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    return send(
        new HttpUriRequestBase(method, target),
        headers,
        new InputStreamEntity(
            new ByteArrayInputStream(bytes), bytes.length, ContentType.TEXT_PLAIN));
  }

  @Override
  public Reply sendHttp10(String method, Map<String, String> headers) throws IOException {
    HttpUriRequestBase request = new HttpUriRequestBase(method, target);
    request.setVersion(HttpVersion.HTTP_1_0);
    return send(request, headers, null);
  }

  private Reply send(
      HttpUriRequestBase request, Map<String, String> headers, @Nullable HttpEntity body)
      throws IOException {
    headers.forEach(request::setHeader);
    request.setEntity(body);
    try (CloseableHttpResponse response = client.execute(request)) {
      EntityUtils.consume(response.getEntity());
      return new Reply(
          response.getCode(), number(response, "X-Connection"), number(response, "X-Request"));
    }
  }

  private static int number(CloseableHttpResponse response, String name) {
    Header header = response.getFirstHeader(name);
    return header == null ? 0 : Integer.parseInt(header.getValue());
  }

  @Override
  public boolean listensWhileIdle() {
    return false;
  }

  @Override
  public @Nullable String untested(String rule) {
    return switch (rule) {
      case "S2 send" -> "a blocking socket has no time-out for writing";
      default -> null;
    };
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
