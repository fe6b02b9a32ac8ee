package org.keepaliveagent.apachehttpclient4;

import java.io.IOException;
import java.util.Map;
import org.apache.http.HttpResponse;
import org.apache.http.client.ServiceUnavailableRetryStrategy;
import org.apache.http.client.methods.CloseableHttpResponse;
import org.apache.http.client.methods.RequestBuilder;
import org.apache.http.entity.StringEntity;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.client.HttpClientBuilder;
import org.apache.http.protocol.HttpContext;
import org.apache.http.util.EntityUtils;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Reply;

/** The blocking client with a strategy that repeats whatever was answered with an error. */
public final class EagerClient implements ClientDriver {
  private final CloseableHttpClient client;
  private final String url;

  public EagerClient(String url, boolean retries) {
    HttpClientBuilder builder =
        HttpClientBuilder.create().setServiceUnavailableRetryStrategy(new Eager());
    if (!retries) {
      builder.disableAutomaticRetries();
    }
    this.client = builder.build();
    this.url = url;
  }

  @Override
  public Reply send(String method, @Nullable String body, Map<String, String> headers)
      throws IOException {
    RequestBuilder request = RequestBuilder.create(method).setUri(url);
    request.setEntity(body == null ? null : new StringEntity(body));
    try (CloseableHttpResponse response = client.execute(request.build())) {
      if (!"ok".equals(EntityUtils.toString(response.getEntity()))) {
        throw new IllegalStateException("a response without its body");
      }
      return new Reply(response.getStatusLine().getStatusCode(), 0, 0);
    }
  }

  @Override
  public void close() throws IOException {
    client.close();
  }

  private static final class Eager implements ServiceUnavailableRetryStrategy {
    @Override
    public boolean retryRequest(HttpResponse response, int attempts, HttpContext context) {
      return response.getStatusLine().getStatusCode() >= 400 && attempts <= 3;
    }

    @Override
    public long getRetryInterval() {
      return 0;
    }
  }
}
