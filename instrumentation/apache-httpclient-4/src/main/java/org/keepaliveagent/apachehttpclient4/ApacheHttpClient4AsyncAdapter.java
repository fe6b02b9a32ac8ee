package org.keepaliveagent.apachehttpclient4;

import java.io.Closeable;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLSession;
import net.bytebuddy.asm.Advice;
import org.apache.http.ConnectionClosedException;
import org.apache.http.Header;
import org.apache.http.HttpEntity;
import org.apache.http.HttpEntityEnclosingRequest;
import org.apache.http.HttpHost;
import org.apache.http.HttpRequest;
import org.apache.http.HttpResponse;
import org.apache.http.HttpVersion;
import org.apache.http.client.methods.HttpRequestWrapper;
import org.apache.http.conn.routing.RouteInfo;
import org.apache.http.impl.nio.DefaultNHttpClientConnection;
import org.apache.http.nio.NHttpClientConnection;
import org.apache.http.nio.NHttpConnection;
import org.apache.http.nio.protocol.HttpAsyncClientExchangeHandler;
import org.apache.http.nio.protocol.HttpAsyncRequestExecutor;
import org.apache.http.nio.reactor.SessionBufferStatus;
import org.apache.http.pool.PoolEntry;
import org.apache.http.protocol.HttpContext;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.adapter.Hook;
import org.keepaliveagent.hooks.KeepaliveHooks;

/**
 * Apache HttpClient 4, the asynchronous client.
 *
 * <p>A connection is the one in a pool's entry, an exchange its {@code
 * HttpAsyncClientExchangeHandler}, which stays the same when the request is sent again. To close a
 * connection waits for nothing here, TLS or not, so that the pool may do it under its lock: a
 * refused one is closed where the pool takes it from the idle ones, and the pool drops it and takes
 * the next. A reactor reads from parked connections and hears what the peer does.
 *
 * <p>The library never repeats a request that was sent, but it begins anew where a connection ends
 * before: a request that may go once more is put on that path, which resets the request's producer
 * and refuses one that cannot be reset.
 */
public final class ApacheHttpClient4AsyncAdapter implements Adapter {
  private static final String NIO = "org.apache.http.nio.";
  private static final String CLIENT = "org.apache.http.impl.nio.";
  private static final String TYPE = "Lorg/apache/http/";
  private static final String ENTRY = TYPE + "pool/PoolEntry;";
  private static final String CONNECTION = TYPE + "nio/NHttpClientConnection;";
  private static final String EXECUTOR = NIO + "protocol.HttpAsyncRequestExecutor";
  private static final String HOST_AND_REQUEST = TYPE + "HttpHost;" + TYPE + "HttpRequest;";
  private static final String STATE = TYPE + "impl/nio/client/InternalState;";

  @Override
  public String name() {
    return "apache-httpclient-4-async";
  }

  @Override
  public String versions() {
    return "4.0.2 to 4.1.5";
  }

  @Override
  public List<Hook> hooks() {
    return Arrays.asList(
        Hook.of(
                CLIENT + "client.MainClientExec",
                "prepare",
                "("
                    + HOST_AND_REQUEST
                    + STATE
                    + TYPE
                    + "impl/nio/client/AbstractClientExchangeHandler;)V",
                Prepared.class)
            .or("(" + STATE + HOST_AND_REQUEST + ")V", PreparedBefore41.class),
        Hook.of(
            CLIENT + "conn.PoolingNHttpClientConnectionManager",
            "requestConnection",
            "("
                + TYPE
                + "conn/routing/HttpRoute;Ljava/lang/Object;JJLjava/util/concurrent/TimeUnit;"
                + TYPE
                + "concurrent/FutureCallback;)Ljava/util/concurrent/Future;",
            Searched.class),
        Hook.of(
            NIO + "pool.RouteSpecificPool", "getFree", "(Ljava/lang/Object;)" + ENTRY, Lease.class),
        Hook.of(
            NIO + "pool.RouteSpecificPool",
            "createEntry",
            "(" + TYPE + "nio/reactor/SessionRequest;Ljava/lang/Object;)" + ENTRY,
            Opened.class),
        Hook.of(NIO + "pool.AbstractNIOConnPool", "release", "(" + ENTRY + "Z)V", Park.class),
        Hook.of(
            NIO + "conn.ssl.SSLIOSessionStrategy",
            "verifySession",
            "(" + TYPE + "HttpHost;" + TYPE + "nio/reactor/IOSession;Ljavax/net/ssl/SSLSession;)V",
            Secured.class),
        Hook.of(
            CLIENT + "DefaultNHttpClientConnection",
            "submitRequest",
            "(" + TYPE + "HttpRequest;)V",
            Sending.class),
        Hook.of(EXECUTOR, "responseReceived", "(" + CONNECTION + ")V", Responding.class),
        Hook.of(EXECUTOR, "endOfInput", "(" + CONNECTION + ")V", Failed.class),
        Hook.of(EXECUTOR, "closed", "(" + CONNECTION + ")V", Failed.class),
        Hook.of(EXECUTOR, "timeout", "(" + CONNECTION + ")V", Failed.class),
        Hook.of(EXECUTOR, "exception", "(" + CONNECTION + "Ljava/lang/Exception;)V", Failed.class),
        Hook.of(CLIENT + "NHttpConnectionBase", "close", "()V", Closed.class),
        Hook.of(CLIENT + "NHttpConnectionBase", "shutdown", "()V", Closed.class));
  }

  /** The pool drops an entry whose connection is closed when it meets it. */
  @Override
  public void close(Object connection) throws IOException {
    ((Closeable) connection).close();
  }

  /** A request has come; its search for a connection follows on this thread. */
  public static final class Prepared {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(@Advice.Argument(1) HttpRequest request) {
      KeepaliveHooks.leasing(request, request.getRequestLine().getMethod());
    }
  }

  /** The same before version 4.1. */
  public static final class PreparedBefore41 {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(@Advice.Argument(2) HttpRequest request) {
      KeepaliveHooks.leasing(request, request.getRequestLine().getMethod());
    }
  }

  /** The pool has been searched for a request; one that found nothing waits in its queue. */
  public static final class Searched {
    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit() {
      KeepaliveHooks.leased();
    }
  }

  /** Takes an entry from the idle ones; the pool drops one that is closed and asks again. */
  public static final class Lease {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static boolean enter() {
      return !KeepaliveHooks.mayReuse();
    }

    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(@Advice.Return PoolEntry<?, ?> entry) throws IOException {
      Object connection = entry == null ? null : entry.getConnection();
      if (!(connection instanceof NHttpClientConnection)) {
        return;
      }
      if (((SessionBufferStatus) connection).hasBufferedInput()) {
        KeepaliveHooks.closed(connection, true);
      }
      if (!KeepaliveHooks.mayLease(connection)) {
        ((NHttpClientConnection) connection).close();
      }
    }
  }

  /** A transport has been connected. */
  public static final class Opened {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(@Advice.Return PoolEntry<?, ?> entry) {
      if (entry.getRoute() instanceof RouteInfo) {
        RouteInfo route = (RouteInfo) entry.getRoute();
        HttpHost peer = route.getProxyHost();
        if (peer == null || route.isTunnelled()) {
          peer = route.getTargetHost();
        }
        String scheme = peer.getSchemeName();
        int port = peer.getPort() >= 0 ? peer.getPort() : scheme.equals("https") ? 443 : 80;
        KeepaliveHooks.opened(
            entry.getConnection(), "apache-httpclient-4-async", scheme, peer.getHostName(), port);
      }
    }
  }

  /** Takes an entry back, or closes its connection. */
  public static final class Park {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.Argument(0) PoolEntry<?, ?> entry,
        @Advice.Argument(value = 1, readOnly = false) boolean reusable) {
      if (reusable && entry != null && !KeepaliveHooks.mayPark(entry.getConnection())) {
        reusable = false;
      }
    }
  }

  /** A TLS handshake is over. */
  public static final class Secured {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.Argument(0) HttpHost peer, @Advice.Argument(2) SSLSession session) {
      KeepaliveHooks.secured(
          peer.getHostName(), peer.getPort() >= 0 ? peer.getPort() : 443, session);
    }
  }

  /** Writes a request head, complete but for what the wire needs. */
  public static final class Sending {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This DefaultNHttpClientConnection connection,
        @Advice.Argument(0) HttpRequest submitted) {
      HttpContext context = connection.getContext();
      Object exchange = context.getAttribute(HttpAsyncRequestExecutor.HTTP_HANDLER);
      if (exchange == null || !(submitted instanceof HttpRequestWrapper)) {
        return;
      }
      HttpRequestWrapper request = (HttpRequestWrapper) submitted;
      if (request.getMethod().equals("CONNECT")) {
        return;
      }
      Header traceparent = request.getFirstHeader("traceparent");
      if (traceparent == null) {
        traceparent = request.getFirstHeader("b3");
      }
      KeepaliveHooks.sending(
          connection,
          exchange,
          request.getMethod(),
          traceparent == null ? null : traceparent.getValue(),
          request.containsHeader("Idempotency-Key"));
      context.setAttribute("keepalive.request", request);
      Object received = context.getAttribute("keepalive.received");
      if (received == null) {
        received = new long[1];
        context.setAttribute("keepalive.received", received);
      }
      ((long[]) received)[0] = connection.getMetrics().getReceivedBytesCount();
      if (!KeepaliveHooks.maySendAll(connection)) {
        Header nominating = request.getFirstHeader("Connection");
        String nominated = nominating == null ? null : nominating.getValue();
        for (Header header : request.getAllHeaders()) {
          if (!KeepaliveHooks.maySend(connection, header.getName(), header.getValue(), nominated)) {
            request.removeHeader(header);
          }
        }
      }
    }
  }

  /** A response head has been read. */
  public static final class Responding {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(@Advice.Argument(0) NHttpClientConnection connection) {
      HttpResponse response = connection.getHttpResponse();
      int status = response.getStatusLine().getStatusCode();
      if (status >= 200) {
        Header said = response.getFirstHeader("Connection");
        Header keepAlive = response.getFirstHeader("Keep-Alive");
        KeepaliveHooks.responding(
            connection,
            status,
            response.getProtocolVersion().lessEquals(HttpVersion.HTTP_1_0),
            said == null ? null : said.getValue(),
            keepAlive == null ? null : keepAlive.getValue());
      }
    }
  }

  /**
   * The peer has ended a connection, or a request waits for its answer in vain; before the library
   * tells the exchange that it has failed. What this side closes comes here too, but not as active.
   */
  public static final class Failed {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static boolean enter(
        @Advice.Origin("#m") String event,
        @Advice.Argument(0) NHttpClientConnection connection,
        @Advice.Argument(value = 1, optional = true) Exception thrown) {
      HttpContext context = connection.getContext();
      Object exchange = context.getAttribute(HttpAsyncRequestExecutor.HTTP_HANDLER);
      Object sent = context.getAttribute("keepalive.request");
      boolean late = event.equals("timeout");
      if (connection.getStatus() != NHttpConnection.ACTIVE) {
        return false;
      }
      HttpEntity body = null;
      if (sent instanceof HttpEntityEnclosingRequest) {
        if (late && ((HttpEntityEnclosingRequest) sent).expectContinue()) {
          return false;
        }
        body = ((HttpEntityEnclosingRequest) sent).getEntity();
      }
      if (exchange != null) {
        Exception cause = thrown;
        if (cause == null) {
          cause = late ? new SocketTimeoutException() : new ConnectionClosedException(event);
        }
        KeepaliveHooks.failed(exchange, cause);
      }
      if (!late && (thrown == null || thrown instanceof IOException)) {
        KeepaliveHooks.closed(connection, true);
      }
      if (!(exchange instanceof HttpAsyncClientExchangeHandler)
          || ((HttpAsyncClientExchangeHandler) exchange).isDone()
          || !(sent instanceof HttpRequestWrapper)) {
        return false;
      }
      Object received = context.getAttribute("keepalive.received");
      boolean replayable =
          exchange
                  .getClass()
                  .getName()
                  .equals("org.apache.http.impl.nio.client.DefaultClientExchangeHandlerImpl")
              && (thrown == null || thrown instanceof IOException)
              && (body == null || body.isRepeatable())
              && received != null
              && ((long[]) received)[0] == connection.getMetrics().getReceivedBytesCount();
      if (!KeepaliveHooks.mayRetry(exchange, replayable, false)) {
        return false;
      }
      context.removeAttribute(HttpAsyncRequestExecutor.HTTP_HANDLER);
      KeepaliveHooks.leasing(exchange, ((HttpRequestWrapper) sent).getMethod());
      try {
        ((HttpAsyncClientExchangeHandler) exchange).inputTerminated();
        return true;
      } catch (RuntimeException beyondRepair) {
        context.setAttribute(HttpAsyncRequestExecutor.HTTP_HANDLER, exchange);
        return false;
      } finally {
        KeepaliveHooks.leased();
      }
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
