package org.keepaliveagent.apachehttpclient4;

import java.io.Closeable;
import java.io.IOException;
import java.net.Socket;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLSocket;
import net.bytebuddy.asm.Advice;
import org.apache.http.HttpClientConnection;
import org.apache.http.HttpHost;
import org.apache.http.conn.ManagedHttpClientConnection;
import org.apache.http.conn.routing.RouteInfo;
import org.apache.http.protocol.HttpContext;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.adapter.Hook;
import org.keepaliveagent.hooks.KeepaliveHooks;

/**
 * Apache HttpClient 4, the blocking client.
 *
 * <p>The library's connection outlives a transport: one that is closed while leased is opened anew.
 * So a connection is the socket that requests are written to, and an exchange is the request's
 * {@code HttpRequestWrapper}, which is sent again when the client tries again. A refused connection
 * is closed while it is leased, with no lock of the pool held, and the client connects anew on the
 * same entry, so that the pool's books are never touched.
 */
public final class ApacheHttpClient4Adapter implements Adapter {
  private static final String HTTP = "org.apache.http.";
  private static final String TYPE = "Lorg/apache/http/";
  private static final String CONNECTION = TYPE + "HttpClientConnection;";
  private static final String ROUTE = TYPE + "conn/routing/HttpRoute;";
  private static final String CONTEXT = TYPE + "protocol/HttpContext;";
  private static final String POOL = HTTP + "impl.conn.PoolingHttpClientConnectionManager";
  private static final String SINGLE = HTTP + "impl.conn.BasicHttpClientConnectionManager";
  private static final String TIME = "JLjava/util/concurrent/TimeUnit;)";
  private static final String EXECUTE =
      "("
          + ROUTE
          + TYPE
          + "client/methods/HttpRequestWrapper;"
          + TYPE
          + "client/protocol/HttpClientContext;"
          + TYPE
          + "client/methods/HttpExecutionAware;)"
          + TYPE
          + "client/methods/CloseableHttpResponse;";

  @Override
  public String name() {
    return "apache-httpclient-4";
  }

  @Override
  public String versions() {
    return "4.3.6 to 4.5.14";
  }

  @Override
  public List<String> packages() {
    return Collections.singletonList("org.apache.http.");
  }

  @Override
  public List<Hook> hooks() {
    String release = "(" + CONNECTION + "Ljava/lang/Object;" + TIME + "V";
    String connect = "(" + CONNECTION + ROUTE + "I" + CONTEXT + ")V";
    String upgrade = "(" + CONNECTION + ROUTE + CONTEXT + ")V";
    return Arrays.asList(
        Hook.of(HTTP + "impl.execchain.RetryExec", "execute", EXECUTE, ClassicExchange.Retry.class),
        Hook.of(
            HTTP + "impl.execchain.MainClientExec",
            "execute",
            EXECUTE,
            ClassicExchange.Attempt.class),
        Hook.of(
            HTTP + "impl.execchain.MinimalClientExec",
            "execute",
            EXECUTE,
            ClassicExchange.Attempt.class),
        Hook.of(
            HTTP + "impl.execchain.MainClientExec", "execute", EXECUTE, Unreached.Classic.class),
        Hook.of(
            HTTP + "impl.execchain.MinimalClientExec", "execute", EXECUTE, Unreached.Classic.class),
        Hook.of(
                HTTP + "impl.execchain.ServiceUnavailableRetryExec",
                "execute",
                EXECUTE,
                CustomStrategy.Asking.class)
            .reading("retryStrategy"),
        Hook.of(
            HTTP + "impl.execchain.ProtocolExec", "execute", EXECUTE, CustomStrategy.Attempt.class),
        Hook.of(
            HTTP + "impl.client.DefaultServiceUnavailableRetryStrategy",
            "retryRequest",
            "(" + TYPE + "HttpResponse;I" + CONTEXT + ")Z",
            ClassicExchange.Repeat.class),
        Hook.of(
            POOL,
            "leaseConnection",
            "(Ljava/util/concurrent/Future;" + TIME + CONNECTION,
            ClassicPool.Lease.class),
        Hook.of(
            SINGLE,
            "getConnection",
            "(" + ROUTE + "Ljava/lang/Object;)" + CONNECTION,
            ClassicPool.Lease.class),
        Hook.of(POOL, "releaseConnection", release, ClassicPool.Park.class),
        Hook.of(SINGLE, "releaseConnection", release, ClassicPool.Park.class),
        Hook.of(HTTP + "impl.conn.CPoolEntry", "isClosed", "()Z", ClassicPool.IsClosed.class),
        Hook.of(POOL, "connect", connect, Connect.class),
        Hook.of(SINGLE, "connect", connect, Connect.class),
        Hook.of(POOL, "upgrade", upgrade, Secured.class),
        Hook.of(SINGLE, "upgrade", upgrade, Secured.class),
        Hook.of(
            HTTP + "protocol.HttpRequestExecutor",
            "execute",
            "(" + TYPE + "HttpRequest;" + CONNECTION + CONTEXT + ")" + TYPE + "HttpResponse;",
            ClassicExchange.Exchange.class),
        Hook.of(
            HTTP + "impl.conn.DefaultManagedHttpClientConnection",
            "bind",
            "(Ljava/net/Socket;)V",
            Bound.class),
        Hook.of(
            HTTP + "pool.AbstractConnPool",
            "getMax",
            "(Ljava/lang/Object;)I",
            MaxConnections.class),
        Hook.of(HTTP + "impl.BHttpConnectionBase", "close", "()V", Closed.class)
            .reading("socketHolder"),
        Hook.of(HTTP + "impl.BHttpConnectionBase", "shutdown", "()V", Closed.class)
            .reading("socketHolder"));
  }

  /** The pool meets an entry whose socket is closed at its next lease, and drops it then. */
  @Override
  public void close(Object connection) throws IOException {
    ((Closeable) connection).close();
  }

  /** A socket is put under a connection, the second time as a TLS layer over the first. */
  public static final class Bound {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(@Advice.This Object connection, @Advice.Argument(0) Socket socket)
        throws IOException {
      Socket below = ((ManagedHttpClientConnection) connection).getSocket();
      HttpContext attributes = (HttpContext) connection;
      if (below == null) {
        attributes.setAttribute("keepalive.socket", socket);
        attributes.setAttribute("keepalive.timeout", socket.getSoTimeout());
      } else if (!(socket instanceof SSLSocket)) {
        attributes.setAttribute("keepalive.socket", socket);
      }
    }
  }

  /**
   * Connects a leased entry, with TLS where the route has it. The library leaves the time for
   * connecting on a socket for the handshake, and takes it away only where it has another.
   */
  public static final class Connect {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static int enter(
        @Advice.Argument(1) RouteInfo route,
        @Advice.Argument(value = 2, readOnly = false) int timeout) {
      HttpHost peer = route.getProxyHost();
      if (peer == null || route.isTunnelled()) {
        peer = route.getTargetHost();
      }
      String scheme = peer.getSchemeName();
      int port = peer.getPort() >= 0 ? peer.getPort() : scheme.equals("https") ? 443 : 80;
      int own = timeout;
      timeout = KeepaliveHooks.connectTimeoutMillis(scheme, peer.getHostName(), port, own);
      return timeout - own;
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit(
        @Advice.Enter int changed,
        @Advice.Argument(0) HttpClientConnection leased,
        @Advice.Argument(1) RouteInfo route,
        @Advice.Argument(3) HttpContext context,
        @Advice.Thrown Throwable cause)
        throws IOException {
      if (cause != null) {
        context.setAttribute("keepalive.unreached", cause);
        return;
      }
      HttpHost peer = route.getProxyHost();
      if (peer == null || route.isTunnelled()) {
        peer = route.getTargetHost();
      }
      String scheme = peer.getSchemeName();
      int port = peer.getPort() >= 0 ? peer.getPort() : scheme.equals("https") ? 443 : 80;
      Socket socket = ((ManagedHttpClientConnection) leased).getSocket();
      HttpContext attributes = (HttpContext) leased;
      KeepaliveHooks.connected(
          attributes.getAttribute("keepalive.socket"), scheme, peer.getHostName(), port);
      if (!route.isTunnelled()) {
        KeepaliveHooks.opened(socket, "apache-httpclient-4", scheme, peer.getHostName(), port);
        if (socket instanceof SSLSocket) {
          KeepaliveHooks.secured(peer.getHostName(), port, ((SSLSocket) socket).getSession());
        }
      }
      if (changed != 0) {
        leased.setSocketTimeout((Integer) attributes.getAttribute("keepalive.timeout"));
      }
    }
  }

  /** A tunnel has been secured. */
  public static final class Secured {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.Argument(0) HttpClientConnection leased, @Advice.Argument(1) RouteInfo route) {
      Socket socket = ((ManagedHttpClientConnection) leased).getSocket();
      HttpHost peer = route.getTargetHost();
      int port = peer.getPort() >= 0 ? peer.getPort() : 443;
      KeepaliveHooks.opened(
          socket, "apache-httpclient-4", peer.getSchemeName(), peer.getHostName(), port);
      if (socket instanceof SSLSocket) {
        KeepaliveHooks.secured(peer.getHostName(), port, ((SSLSocket) socket).getSession());
      }
    }
  }

  /** This side closes a connection. */
  public static final class Closed {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(@Advice.FieldValue("socketHolder") AtomicReference<Socket> holder) {
      Socket socket = holder.get();
      if (socket != null) {
        KeepaliveHooks.closed(socket, false);
      }
    }
  }
}
