package org.keepaliveagent.jettyclient;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.api.ContentResponse;
import org.eclipse.jetty.client.api.Request;
import org.eclipse.jetty.client.http.HttpClientTransportOverHTTP;
import org.eclipse.jetty.client.util.InputStreamContentProvider;
import org.eclipse.jetty.client.util.InputStreamRequestContent;
import org.eclipse.jetty.client.util.StringContentProvider;
import org.eclipse.jetty.client.util.StringRequestContent;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Reply;

/** The Jetty client 9.4, 10 or 11, waited for. */
@SuppressWarnings("deprecation") // what 9.4 has
public final class JettyClientDriver implements ClientDriver {
  private final HttpClient client;
  private final String url;

  /**
   * One request at a time looks for a connection: for several at once this pool may open more
   * connections than there are requests, and the rules count them.
   */
  private final Semaphore starting = new Semaphore(1);

  private final boolean nine;

  public JettyClientDriver(String url, @Nullable SSLContext trust, boolean nine) throws Exception {
    this.url = url;
    this.nine = nine;
    SslContextFactory.Client tls = new SslContextFactory.Client();
    if (trust != null) {
      tls.setSslContext(trust);
    }
    client = nine ? ofNine(tls) : ofTen(tls);
    client.setMaxConnectionsPerDestination(POOL);
    client.setIdleTimeout(TimeUnit.HOURS.toMillis(1));
    client.start();
  }

  private static HttpClient ofNine(SslContextFactory.Client tls) throws Exception {
    return HttpClient.class.getConstructor(SslContextFactory.class).newInstance(tls);
  }

  private static HttpClient ofTen(SslContextFactory.Client tls) {
    HttpClientTransportOverHTTP transport = new HttpClientTransportOverHTTP();
    transport.getClientConnector().setSslContextFactory(tls);
    return new HttpClient(transport);
  }

  @Override
  public Reply send(String method, @Nullable String body, Map<String, String> headers)
      throws IOException {
    Request request = request(method, headers);
    if (body != null && nine) {
      request.content(new StringContentProvider(body));
    } else if (body != null) {
      request.body(new StringRequestContent(body));
    }
    return send(request);
  }

  @Override
  public Reply sendOnce(String method, String body, Map<String, String> headers)
      throws IOException {
    InputStream once = new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8));
    Request request = request(method, headers);
    if (nine) {
      request.content(new InputStreamContentProvider(once));
    } else {
      request.body(new InputStreamRequestContent(once));
    }
    return send(request);
  }

  @Override
  public Reply sendHttp10(String method, Map<String, String> headers) throws IOException {
    return send(request(method, headers).version(HttpVersion.HTTP_1_0));
  }

  private Request request(String method, Map<String, String> headers) {
    Request request = client.newRequest(url).method(method);
    headers.forEach(request::header);
    return request
        .idleTimeout(READ_TIMEOUT, TimeUnit.MILLISECONDS)
        .timeout(2 * READ_TIMEOUT, TimeUnit.MILLISECONDS);
  }

  private Reply send(Request request) throws IOException {
    long start = System.nanoTime();
    AtomicBoolean started = new AtomicBoolean();
    request.onRequestCommit(committed -> started(started));
    starting.acquireUninterruptibly();
    try {
      ContentResponse response = request.send();
      return new Reply(
          response.getStatus(), number(response, "X-Connection"), number(response, "X-Request"));
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptedIOException();
    } catch (TimeoutException e) {
      if (System.nanoTime() - start > TimeUnit.MILLISECONDS.toNanos(2 * READ_TIMEOUT - 1000)) {
        throw new IllegalStateException("neither answer nor failure: the exchange hangs", e);
      }
      throw new IOException(e);
    } finally {
      started(started);
    }
  }

  private void started(AtomicBoolean once) {
    if (once.compareAndSet(false, true)) {
      starting.release();
    }
  }

  private static int number(ContentResponse response, String name) {
    // The collection is a class in 9.4 and an interface since.
    Iterable<HttpField> headers = response.getHeaders();
    for (HttpField header : headers) {
      if (header.getName().equalsIgnoreCase(name)) {
        return Integer.parseInt(header.getValue());
      }
    }
    return 0;
  }

  @Override
  public @Nullable String untested(String rule) {
    return switch (rule) {
      case "L9" -> "the pool's class has one name in all versions, and one adapter may hook it";
      case "S2 connect" -> "one time-out for all destinations stands in the selector";
      case "S2 send" ->
          "an endpoint has one time-out, of reading and of writing; it is the read one";
      case "S2 retry" -> "a time-out aborts the request for good";
      case "R9" -> "an answered request is at the application, which has its body in part by then";
      default -> null;
    };
  }

  @Override
  public @Nullable String sharesPool() {
    return null;
  }

  @Override
  public void close() throws IOException {
    try {
      client.stop();
    } catch (Exception e) {
      throw new IOException(e);
    }
  }
}
