package org.keepaliveagent.apachehttpclient4;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLContext;
import org.apache.http.Header;
import org.apache.http.HttpEntity;
import org.apache.http.HttpResponse;
import org.apache.http.HttpVersion;
import org.apache.http.client.config.RequestConfig;
import org.apache.http.client.methods.RequestBuilder;
import org.apache.http.entity.InputStreamEntity;
import org.apache.http.entity.StringEntity;
import org.apache.http.impl.nio.client.CloseableHttpAsyncClient;
import org.apache.http.impl.nio.client.HttpAsyncClientBuilder;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Reply;

/** The asynchronous client. */
public final class AsyncDriver implements ClientDriver {
  private final CloseableHttpAsyncClient client;
  private final URI target;

  public AsyncDriver(String url, @Nullable SSLContext trust) {
    HttpAsyncClientBuilder builder =
        HttpAsyncClientBuilder.create()
            .setMaxConnTotal(POOL)
            .setMaxConnPerRoute(POOL)
            .setDefaultRequestConfig(RequestConfig.custom().setSocketTimeout(READ_TIMEOUT).build());
    if (trust != null) {
      builder.setSSLContext(trust);
    }
    client = builder.build();
    client.start();
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
  public @Nullable String sharesPool() {
    return null;
  }

  @Override
  public void close() throws IOException {
    client.close();
  }
}
