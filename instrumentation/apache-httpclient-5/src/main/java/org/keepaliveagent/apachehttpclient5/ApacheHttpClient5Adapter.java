package org.keepaliveagent.apachehttpclient5;

import java.io.Closeable;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import net.bytebuddy.asm.Advice;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.RouteInfo;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolEntry;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.adapter.Hook;
import org.keepaliveagent.hooks.KeepaliveHooks;

/**
 * Apache HttpClient 5.
 *
 * <p>A connection is the managed connection in a pool's entry, an exchange its {@code
 * HttpClientContext}, which stays the same when the client tries again. Whatever pool stands behind
 * the pooling connection manager, an <em>endpoint</em> stands for one lease: made when an entry has
 * been leased, with no lock held; executed; detached from its entry before that is released. A
 * refused connection is discarded from the leased entry, as the manager does with an expired one,
 * and the client connects anew on the same entry, so that the pool's books are never touched.
 */
public final class ApacheHttpClient5Adapter implements Adapter {
  private static final String CLIENT = "org.apache.hc.client5.http.";
  private static final String CLIENT_TYPE = "Lorg/apache/hc/client5/http/";
  private static final String CORE_TYPE = "Lorg/apache/hc/core5/";
  private static final String ENDPOINT =
      CLIENT + "impl.io.PoolingHttpClientConnectionManager$InternalConnectionEndpoint";
  private static final String ENTRY = CORE_TYPE + "pool/PoolEntry;";
  private static final String CLASSIC_REQUEST = CORE_TYPE + "http/ClassicHttpRequest;";
  private static final String CLASSIC_RESPONSE = CORE_TYPE + "http/ClassicHttpResponse;";
  private static final String CONTEXT = CORE_TYPE + "http/protocol/HttpContext;";

  @Override
  public String name() {
    return "apache-httpclient-5";
  }

  @Override
  public String versions() {
    return "5.0.4 to 5.6.5";
  }

  @Override
  public List<String> packages() {
    return Collections.singletonList("org.apache.hc.");
  }

  @Override
  public List<Hook> hooks() {
    return Arrays.asList(
        Hook.of(
            CLIENT + "impl.classic.ConnectExec",
            "execute",
            "("
                + CLASSIC_REQUEST
                + CLIENT_TYPE
                + "classic/ExecChain$Scope;"
                + CLIENT_TYPE
                + "classic/ExecChain;)"
                + CLASSIC_RESPONSE,
            Searching.class),
        Hook.of(ENDPOINT, "<init>", "(" + ENTRY + ")V", Lease.class)
            .or(
                "(" + CLIENT_TYPE + "impl/io/PoolingHttpClientConnectionManager;" + ENTRY + ")V",
                Lease.class)
            .reading("poolEntryRef"),
        Hook.of(ENDPOINT, "detach", "()" + ENTRY, Park.class),
        Hook.of(
                ENDPOINT,
                "execute",
                exchange(CLIENT_TYPE + "io/ConnectionEndpoint$RequestExecutor;"),
                Exchange.class)
            .or(exchange(CORE_TYPE + "http/impl/io/HttpRequestExecutor;"), Exchange.class)
            .reading("poolEntryRef"),
        Hook.of(
            CLIENT + "impl.DefaultHttpRequestRetryStrategy",
            "retryRequest",
            "(" + CORE_TYPE + "http/HttpRequest;Ljava/io/IOException;I" + CONTEXT + ")Z",
            Retry.class),
        Hook.of(
            CLIENT + "impl.DefaultHttpRequestRetryStrategy",
            "retryRequest",
            "(" + CORE_TYPE + "http/HttpResponse;I" + CONTEXT + ")Z",
            Repeat.class),
        Hook.of(
            "org.apache.hc.core5.http.impl.io.BHttpConnectionBase", "close", "()V", Closed.class),
        Hook.of(
            "org.apache.hc.core5.http.impl.io.BHttpConnectionBase",
            "close",
            "(" + CORE_TYPE + "io/CloseMode;)V",
            Closed.class));
  }

  private static String exchange(String executor) {
    return "(Ljava/lang/String;" + CLASSIC_REQUEST + executor + CONTEXT + ")" + CLASSIC_RESPONSE;
  }

  /** The pool meets the closed connection at its next lease, and drops it then. */
  @Override
  public void close(Object connection) throws IOException {
    ((Closeable) connection).close();
  }

  /** Leases an entry from the pool on this thread, and runs the rest of the exchange. */
  public static final class Searching {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.Argument(0) ClassicHttpRequest request, @Advice.Argument(1) ExecChain.Scope scope) {
      KeepaliveHooks.leasing(scope.clientContext, request.getMethod());
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit() {
      KeepaliveHooks.leased();
    }
  }

  /**
   * An entry has been leased. A connection that has never answered is new, if it is open at all; a
   * closed one must not stay, since it could be connected but not closed again.
   */
  public static final class Lease {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.FieldValue("poolEntryRef")
            AtomicReference<PoolEntry<HttpRoute, ManagedHttpClientConnection>> leased) {
      PoolEntry<HttpRoute, ManagedHttpClientConnection> entry = leased.get();
      ManagedHttpClientConnection connection = entry == null ? null : entry.getConnection();
      if (entry != null
          && connection != null
          && connection.getProtocolVersion() != null
          && !(connection.isOpen()
              && KeepaliveHooks.mayReuse()
              && KeepaliveHooks.mayLease(connection))) {
        entry.discardConnection(CloseMode.GRACEFUL);
      }
    }
  }

  /** An entry is about to be released; one whose connection is closed is not kept. */
  public static final class Park {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.Return PoolEntry<HttpRoute, ManagedHttpClientConnection> entry) {
      ManagedHttpClientConnection connection = entry == null ? null : entry.getConnection();
      if (connection != null
          && connection.isOpen()
          && connection.isConsistent()
          && !KeepaliveHooks.mayPark(connection)) {
        connection.close(CloseMode.GRACEFUL);
      }
    }
  }

  /**
   * Sends a request, complete but for what the wire needs, and receives the head of its response.
   */
  public static final class Exchange {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static @Nullable Object enter(
        @Advice.FieldValue("poolEntryRef")
            AtomicReference<PoolEntry<HttpRoute, ManagedHttpClientConnection>> leased,
        @Advice.Argument(1) ClassicHttpRequest request,
        @Advice.Argument(3) HttpContext exchange) {
      PoolEntry<HttpRoute, ManagedHttpClientConnection> entry = leased.get();
      ManagedHttpClientConnection connection = entry == null ? null : entry.getConnection();
      if (entry == null || connection == null || request.getMethod().equals("CONNECT")) {
        return null;
      }
      HttpRoute route = entry.getRoute();
      HttpHost peer = route.getProxyHost();
      if (peer == null || route.isTunnelled()) {
        peer = route.getTargetHost();
      }
      String scheme = peer.getSchemeName();
      int port = peer.getPort() >= 0 ? peer.getPort() : scheme.equals("https") ? 443 : 80;
      KeepaliveHooks.opened(connection, "apache-httpclient-5", scheme, peer.getHostName(), port);
      Header traceparent = request.getFirstHeader("traceparent");
      KeepaliveHooks.sending(
          connection,
          exchange,
          request.getMethod(),
          traceparent == null ? null : traceparent.getValue(),
          request.containsHeader("Idempotency-Key"));
      if (!KeepaliveHooks.maySendAll(connection)) {
        Header nominating = request.getFirstHeader("Connection");
        String nominated = nominating == null ? null : nominating.getValue();
        for (Header header : request.getHeaders()) {
          if (!KeepaliveHooks.maySend(connection, header.getName(), header.getValue(), nominated)) {
            request.removeHeader(header);
          }
        }
      }
      return connection;
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit(
        @Advice.Enter Object connection,
        @Advice.Argument(3) HttpContext exchange,
        @Advice.Return ClassicHttpResponse response,
        @Advice.Thrown Throwable cause) {
      if (connection == null) {
        return;
      }
      if (cause != null) {
        KeepaliveHooks.failed(exchange, cause);
        return;
      }
      Header said = response.getFirstHeader("Connection");
      Header keepAlive = response.getFirstHeader("Keep-Alive");
      KeepaliveHooks.responding(
          connection,
          response.getCode(),
          response.getVersion() != null && response.getVersion().lessEquals(HttpVersion.HTTP_1_0),
          said == null ? null : said.getValue(),
          keepAlive == null ? null : keepAlive.getValue());
    }
  }

  /** Whether a failed request goes once more; asked only if its body can be sent again. */
  public static final class Retry {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.Argument(1) IOException cause,
        @Advice.Argument(3) HttpContext exchange,
        @Advice.Return(readOnly = false) boolean mayRetry) {
      KeepaliveHooks.failed(exchange, cause);
      mayRetry = KeepaliveHooks.mayRetry(exchange, true, mayRetry);
    }
  }

  /** Whether an answered request goes once more; asked only if its body can be sent again. */
  public static final class Repeat {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.Argument(0) HttpResponse response,
        @Advice.Argument(1) int attempts,
        @Advice.Argument(2) HttpContext exchange,
        @Advice.Return(readOnly = false) boolean mayRepeat) {
      HttpClientContext context =
          exchange instanceof HttpClientContext ? (HttpClientContext) exchange : null;
      RouteInfo route = context == null ? null : context.getHttpRoute();
      HttpRequest request = context == null ? null : context.getRequest();
      if (route == null || request == null || (response.getCode() < 400 && !mayRepeat)) {
        return;
      }
      HttpHost peer = route.getProxyHost();
      if (peer == null || route.isTunnelled()) {
        peer = route.getTargetHost();
      }
      String scheme = peer.getSchemeName();
      int port = peer.getPort() >= 0 ? peer.getPort() : scheme.equals("https") ? 443 : 80;
      mayRepeat =
          KeepaliveHooks.mayRepeat(
              scheme,
              peer.getHostName(),
              port,
              request.getMethod(),
              request.containsHeader("Idempotency-Key"),
              response.getCode(),
              attempts,
              mayRepeat);
    }
  }

  /** This side closes a connection. */
  public static final class Closed {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(@Advice.This Object connection) {
      KeepaliveHooks.closed(connection, false);
    }
  }
}
