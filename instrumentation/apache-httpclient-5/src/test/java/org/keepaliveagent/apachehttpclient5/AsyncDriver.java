package org.keepaliveagent.apachehttpclient5;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.http.nio.entity.StringAsyncEntityProducer;
import org.apache.hc.core5.http.nio.support.BasicRequestProducer;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.util.Timeout;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Reply;

/** The asynchronous client, with the pool of this name, waited for. */
public final class AsyncDriver implements ClientDriver {
  private final CloseableHttpAsyncClient client;
  private final URI target;

  public AsyncDriver(int port, String pool) {
    client =
        HttpAsyncClientBuilder.create()
            .setConnectionManager(
                PoolingAsyncClientConnectionManagerBuilder.create()
                    .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.valueOf(pool))
                    .setMaxConnPerRoute(100)
                    .setMaxConnTotal(100)
                    .build())
            .setDefaultRequestConfig(
                RequestConfig.custom().setResponseTimeout(Timeout.ofSeconds(20)).build())
            .build();
    client.start();
    target = URI.create("http://127.0.0.1:" + port + "/");
  }

  @Override
  public Reply send(String method, String body, Map<String, String> headers) throws IOException {
    BasicHttpRequest request = new BasicHttpRequest(method, target);
    headers.forEach(request::setHeader);
    Awaited response = new Awaited();
    Future<SimpleHttpResponse> future =
        client.execute(
            new BasicRequestProducer(
                request, body == null ? null : new StringAsyncEntityProducer(body)),
            response,
            null);
    try {
      if (!response.await(40)) {
        throw new IllegalStateException("neither answer nor failure: the exchange hangs");
      }
      SimpleHttpResponse answer = future.get(10, TimeUnit.SECONDS);
      return new Reply(
          answer.getCode(), number(answer, "X-Connection"), number(answer, "X-Request"));
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptedIOException();
    } catch (TimeoutException e) {
      throw new IllegalStateException("done without answer or failure", e);
    }
  }

  private static int number(SimpleHttpResponse response, String name) {
    Header header = response.getFirstHeader(name);
    return header == null ? 0 : Integer.parseInt(header.getValue());
  }

  @Override
  public void close() {
    client.close(CloseMode.IMMEDIATE);
  }
}
