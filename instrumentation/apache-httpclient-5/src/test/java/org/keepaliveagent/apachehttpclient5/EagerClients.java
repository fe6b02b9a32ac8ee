package org.keepaliveagent.apachehttpclient5;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hc.client5.http.HttpRequestRetryStrategy;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.CloseableHttpResponse;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.ParseException;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.http.nio.entity.BasicAsyncEntityProducer;
import org.apache.hc.core5.http.nio.support.BasicRequestProducer;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Reply;

/** Both clients with a strategy that repeats whatever failed or was answered with an error. */
final class EagerClients {
  private EagerClients() {}

  /** The blocking one. */
  public static final class Classic implements ClientDriver {
    private final CloseableHttpClient client =
        HttpClientBuilder.create().setRetryStrategy(new Eager()).build();
    private final String url;

    public Classic(String url) {
      this.url = url;
    }

    @Override
    public Reply send(String method, @Nullable String body, Map<String, String> headers)
        throws IOException {
      HttpUriRequestBase request = new HttpUriRequestBase(method, URI.create(url));
      request.setEntity(body == null ? null : new StringEntity(body));
      try (CloseableHttpResponse response = client.execute(request)) {
        if (response.getEntity() == null
            || !"ok".equals(EntityUtils.toString(response.getEntity()))) {
          throw new IllegalStateException("a response without its body");
        }
        return new Reply(response.getCode(), 0, 0);
      } catch (ParseException e) {
        throw new IOException(e);
      }
    }

    @Override
    public void close() throws IOException {
      client.close();
    }
  }

  /** The asynchronous one, waited for. */
  public static final class Async implements ClientDriver {
    private final CloseableHttpAsyncClient client =
        HttpAsyncClientBuilder.create().setRetryStrategy(new Eager()).build();
    private final String url;

    public Async(String url) {
      this.url = url;
      client.start();
    }

    @Override
    public Reply send(String method, @Nullable String body, Map<String, String> headers)
        throws IOException {
      Awaited released = new Awaited();
      Future<SimpleHttpResponse> answered =
          client.execute(
              new BasicRequestProducer(
                  new BasicHttpRequest(method, URI.create(url)),
                  body == null ? null : new BasicAsyncEntityProducer(body, ContentType.TEXT_PLAIN)),
              released,
              null);
      try {
        if (!released.await(20)) {
          throw new IllegalStateException("neither answer nor failure: the exchange hangs");
        }
        SimpleHttpResponse response = answered.get(10, TimeUnit.SECONDS);
        if (!"ok".equals(response.getBodyText())) {
          throw new IllegalStateException("a response without its body");
        }
        return new Reply(response.getCode(), 0, 0);
      } catch (ExecutionException e) {
        if (e.getCause() instanceof IOException failure) {
          throw failure;
        }
        throw new IllegalStateException(e.getCause());
      } catch (InterruptedException e) {
        throw new InterruptedIOException();
      } catch (TimeoutException e) {
        throw new IllegalStateException("done without answer or failure", e);
      }
    }

    @Override
    public void close() {
      client.close(CloseMode.IMMEDIATE);
    }
  }

  private static final class Eager implements HttpRequestRetryStrategy {
    @Override
    public boolean retryRequest(
        HttpRequest request, IOException cause, int attempts, HttpContext context) {
      return attempts <= 3;
    }

    @Override
    public boolean retryRequest(HttpResponse response, int attempts, HttpContext context) {
      return response.getCode() >= 400 && attempts <= 3;
    }

    @Override
    public TimeValue getRetryInterval(HttpResponse response, int attempts, HttpContext context) {
      return TimeValue.ZERO_MILLISECONDS;
    }
  }
}
