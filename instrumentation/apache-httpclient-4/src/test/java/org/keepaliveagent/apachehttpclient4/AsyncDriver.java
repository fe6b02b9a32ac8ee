package org.keepaliveagent.apachehttpclient4;

import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLContext;
import org.apache.http.Header;
import org.apache.http.HttpResponse;
import org.apache.http.client.config.RequestConfig;
import org.apache.http.client.methods.RequestBuilder;
import org.apache.http.entity.StringEntity;
import org.apache.http.impl.nio.client.CloseableHttpAsyncClient;
import org.apache.http.impl.nio.client.HttpAsyncClientBuilder;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Reply;

/** The asynchronous client. */
public final class AsyncDriver implements ClientDriver {
  private final CloseableHttpAsyncClient client;
  private final URI target;

  public AsyncDriver(String url, SSLContext trust) {
    HttpAsyncClientBuilder builder =
        HttpAsyncClientBuilder.create()
            .setMaxConnTotal(100)
            .setMaxConnPerRoute(100)
            .setDefaultRequestConfig(RequestConfig.custom().setSocketTimeout(20_000).build());
    if (trust != null) {
      builder.setSSLContext(trust);
    }
    client = builder.build();
    client.start();
    target = URI.create(url);
  }

  @Override
  public Reply send(String method, String body, Map<String, String> headers) throws IOException {
    RequestBuilder request = RequestBuilder.create(method).setUri(target);
    headers.forEach(request::setHeader);
    if (body != null) {
      request.setEntity(new StringEntity(body));
    }
    try {
      HttpResponse response = client.execute(request.build(), null).get();
      return new Reply(
          response.getStatusLine().getStatusCode(),
          number(response, "X-Connection"),
          number(response, "X-Request"));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException) {
        throw (IOException) e.getCause();
      }
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private static int number(HttpResponse response, String name) {
    Header header = response.getFirstHeader(name);
    return header == null ? 0 : Integer.parseInt(header.getValue());
  }

  @Override
  public void close() throws IOException {
    client.close();
  }
}
