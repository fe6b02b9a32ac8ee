package org.keepaliveagent.apachehttpclient4;

import java.io.IOException;
import java.net.URI;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.apache.http.Header;
import org.apache.http.HttpResponse;
import org.apache.http.client.config.RequestConfig;
import org.apache.http.client.methods.CloseableHttpResponse;
import org.apache.http.client.methods.RequestBuilder;
import org.apache.http.config.RegistryBuilder;
import org.apache.http.conn.socket.ConnectionSocketFactory;
import org.apache.http.conn.socket.PlainConnectionSocketFactory;
import org.apache.http.conn.ssl.SSLConnectionSocketFactory;
import org.apache.http.entity.StringEntity;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.client.HttpClientBuilder;
import org.apache.http.impl.conn.PoolingHttpClientConnectionManager;
import org.apache.http.util.EntityUtils;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Reply;

/** The blocking client, its own look at parked connections switched off. */
public final class ClassicDriver implements ClientDriver {
  private final CloseableHttpClient client;
  private final URI target;

  public ClassicDriver(String url, SSLContext trust) {
    RegistryBuilder<ConnectionSocketFactory> schemes =
        RegistryBuilder.<ConnectionSocketFactory>create()
            .register("http", PlainConnectionSocketFactory.INSTANCE);
    if (trust != null) {
      schemes.register("https", new SSLConnectionSocketFactory(trust));
    }
    PoolingHttpClientConnectionManager pool =
        new PoolingHttpClientConnectionManager(schemes.build());
    pool.setMaxTotal(100);
    pool.setDefaultMaxPerRoute(100);
    client =
        HttpClientBuilder.create()
            .setConnectionManager(pool)
            .setDefaultRequestConfig(
                RequestConfig.custom()
                    .setStaleConnectionCheckEnabled(false)
                    .setSocketTimeout(20_000)
                    .build())
            .build();
    target = URI.create(url);
  }

  @Override
  public Reply send(String method, String body, Map<String, String> headers) throws IOException {
    RequestBuilder request = RequestBuilder.create(method).setUri(target);
    headers.forEach(request::setHeader);
    if (body != null) {
      request.setEntity(new StringEntity(body));
    }
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
  public boolean listensWhileIdle() {
    return false;
  }

  @Override
  public void close() throws IOException {
    client.close();
  }
}
