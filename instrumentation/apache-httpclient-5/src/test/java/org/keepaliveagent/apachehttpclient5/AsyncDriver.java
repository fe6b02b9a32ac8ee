package org.keepaliveagent.apachehttpclient5;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;
import org.apache.hc.core5.http.nio.entity.BasicAsyncEntityProducer;
import org.apache.hc.core5.http.nio.support.BasicRequestProducer;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.reactor.IOReactorConfig;
import org.apache.hc.core5.util.Timeout;
import org.apache.hc.core5.util.VersionInfo;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Reply;

/** The asynchronous client, with the pool of this name, waited for. */
public final class AsyncDriver implements ClientDriver {
  private final CloseableHttpAsyncClient client;
  private final URI target;

  public AsyncDriver(String url, @Nullable SSLContext trust, String pool) {
    PoolingAsyncClientConnectionManagerBuilder manager =
        PoolingAsyncClientConnectionManagerBuilder.create()
            .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.valueOf(pool))
            .setMaxConnPerRoute(POOL)
            .setMaxConnTotal(POOL);
    if (trust != null) {
      manager.setTlsStrategy(ClientTlsStrategyBuilder.create().setSslContext(trust).build());
    }
    client =
        HttpAsyncClientBuilder.create()
            // Handshakes run on these; two cannot keep up where connections are cut all the time.
            .setIOReactorConfig(IOReactorConfig.custom().setIoThreadCount(16).build())
            .setConnectionManager(manager.build())
            .setDefaultRequestConfig(
                RequestConfig.custom()
                    .setResponseTimeout(Timeout.ofMilliseconds(READ_TIMEOUT))
                    .build())
            .build();
    client.start();
    target = URI.create(url);
  }

  @Override
  public Reply send(String method, String body, Map<String, String> headers) throws IOException {
    return send(
        new BasicHttpRequest(method, target),
        headers,
        body == null ? null : new BasicAsyncEntityProducer(body, ContentType.TEXT_PLAIN));
  }

  @Override
  public Reply sendOnce(String method, String body, Map<String, String> headers)
      throws IOException {
    return send(
        new BasicHttpRequest(method, target),
        headers,
        new BasicAsyncEntityProducer(body, ContentType.TEXT_PLAIN) {
          @Override
          public boolean isRepeatable() {
            return false;
          }
        });
  }

  @Override
  public Reply sendHttp10(String method, Map<String, String> headers) throws IOException {
    BasicHttpRequest request = new BasicHttpRequest(method, target);
    request.setVersion(HttpVersion.HTTP_1_0);
    return send(request, headers, null);
  }

  private Reply send(
      BasicHttpRequest request, Map<String, String> headers, @Nullable AsyncEntityProducer body)
      throws IOException {
    headers.forEach(request::setHeader);
    Awaited response = new Awaited();
    Future<SimpleHttpResponse> future =
        client.execute(new BasicRequestProducer(request, body), response, null);
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
  public @Nullable String untested(String rule) {
    return switch (rule) {
      case "S2 send" -> "a session has one time-out, of reading and of writing; it is the read one";
      case "T1 handshake" ->
          version().startsWith("5.0.")
              ? "this version has a connection before its handshake, and no request on it by then"
              : null;
      default -> null;
    };
  }

  private static String version() {
    return VersionInfo.loadVersionInfo("org.apache.hc.client5", AsyncDriver.class.getClassLoader())
        .getRelease();
  }

  @Override
  public String sharesPool() {
    return "the library's connection does not know its pool, nor the pool the session";
  }

  @Override
  public void close() {
    client.close(CloseMode.IMMEDIATE);
  }
}
