package org.keepaliveagent.apachehttpclient5;

import java.io.IOException;
import java.net.URI;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.CloseableHttpResponse;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.SSLConnectionSocketFactory;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Reply;

/** The blocking client, with the pool of this name. */
public final class ClassicDriver implements ClientDriver {
  private final CloseableHttpClient client;
  private final URI target;

  public ClassicDriver(String url, @Nullable SSLContext trust, String pool) {
    PoolingHttpClientConnectionManagerBuilder manager =
        PoolingHttpClientConnectionManagerBuilder.create()
            .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.valueOf(pool))
            .setMaxConnPerRoute(POOL)
            .setMaxConnTotal(POOL);
    if (trust != null) {
      manager.setSSLSocketFactory(new SSLConnectionSocketFactory(trust));
    }
    client =
        HttpClientBuilder.create()
            .setConnectionManager(manager.build())
            .setDefaultRequestConfig(
                RequestConfig.custom()
                    .setResponseTimeout(Timeout.ofMilliseconds(READ_TIMEOUT))
                    .build())
            .build();
    target = URI.create(url);
  }

  @Override
  public Reply send(String method, String body, Map<String, String> headers) throws IOException {
    HttpUriRequestBase request = new HttpUriRequestBase(method, target);
    headers.forEach(request::setHeader);
    if (body != null) {
      request.setEntity(new StringEntity(body));
    }
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
  public String untested(String rule) {
    return switch (rule) {
      case "L4", "L5", "L7" ->
          "a blocking socket is not read while it idles, and this adapter does not look at it yet";
      case "R5 part of a head" ->
          "the library tells of a head when it is whole; part of one counts as none, as in nginx";
      default -> null;
    };
  }

  @Override
  public void close() throws IOException {
    client.close();
  }
}
