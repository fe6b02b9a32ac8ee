package org.keepaliveagent.apachehttpclient4;

import java.io.Closeable;
import java.io.IOException;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLSocket;
import net.bytebuddy.asm.Advice;
import org.apache.http.HttpClientConnection;
import org.apache.http.HttpHost;
import org.apache.http.conn.ManagedHttpClientConnection;
import org.apache.http.conn.routing.RouteInfo;
import org.apache.http.pool.PoolEntry;
import org.apache.http.protocol.HttpContext;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.adapter.Hook;
import org.keepaliveagent.hooks.KeepaliveHooks;
import org.keepaliveagent.hooks.KeepaliveSocket;

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
            POOL,
            "leaseConnection",
            "(Ljava/util/concurrent/Future;" + TIME + CONNECTION,
            Lease.class),
        Hook.of(
            SINGLE, "getConnection", "(" + ROUTE + "Ljava/lang/Object;)" + CONNECTION, Lease.class),
        Hook.of(POOL, "releaseConnection", release, Park.class),
        Hook.of(SINGLE, "releaseConnection", release, Park.class),
        Hook.of(HTTP + "impl.conn.CPoolEntry", "isClosed", "()Z", IsClosed.class),
        Hook.of(POOL, "connect", connect, Secured.class),
        Hook.of(SINGLE, "connect", connect, Secured.class),
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
            Layered.class),
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

  /**
   * An entry has been leased; one that is open was parked. Nobody has read from its socket since,
   * so that only now its peer's FIN is seen.
   */
  public static final class Lease {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(@Advice.Return HttpClientConnection leased) throws IOException {
      Socket socket =
          leased instanceof ManagedHttpClientConnection && leased.isOpen()
              ? ((ManagedHttpClientConnection) leased).getSocket()
              : null;
      if (socket == null) {
        return;
      }
      Object raw =
          leased instanceof HttpContext
              ? ((HttpContext) leased).getAttribute("keepalive.socket")
              : null;
      if (!KeepaliveSocket.isQuiet(
          socket instanceof SSLSocket && raw instanceof Socket ? (Socket) raw : socket)) {
        KeepaliveHooks.closed(socket, true);
      }
      if (socket.isClosed() || !KeepaliveHooks.mayReuse() || !KeepaliveHooks.mayLease(socket)) {
        leased.close();
      }
    }
  }

  /** Takes a connection back; one that is closed is not kept. */
  public static final class Park {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(@Advice.Argument(0) HttpClientConnection leased) throws IOException {
      if (leased instanceof ManagedHttpClientConnection && leased.isOpen()) {
        Socket socket = ((ManagedHttpClientConnection) leased).getSocket();
        if (socket != null && !KeepaliveHooks.mayPark(socket)) {
          leased.close();
        }
      }
    }
  }

  /** Whether the pool drops an entry: also one whose socket the sweep has closed. */
  public static final class IsClosed {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.This PoolEntry<?, ?> entry, @Advice.Return(readOnly = false) boolean closed) {
      if (!closed && entry.getConnection() instanceof ManagedHttpClientConnection) {
        Socket socket = ((ManagedHttpClientConnection) entry.getConnection()).getSocket();
        closed = socket != null && socket.isClosed();
      }
    }
  }

  /** A socket is put under a connection, the second time as a TLS layer over the first. */
  public static final class Layered {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(@Advice.This Object connection, @Advice.Argument(0) Socket socket) {
      Socket below = ((ManagedHttpClientConnection) connection).getSocket();
      if (socket instanceof SSLSocket && below != null && !(below instanceof SSLSocket)) {
        ((HttpContext) connection).setAttribute("keepalive.socket", below);
      }
    }
  }

  /** A connection has been made, or a tunnel been secured. */
  public static final class Secured {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.Argument(0) HttpClientConnection connection, @Advice.Argument(1) RouteInfo route) {
      Socket socket = ((ManagedHttpClientConnection) connection).getSocket();
      if (socket instanceof SSLSocket) {
        HttpHost peer = route.getTargetHost();
        KeepaliveHooks.secured(
            peer.getHostName(),
            peer.getPort() >= 0 ? peer.getPort() : 443,
            ((SSLSocket) socket).getSession());
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
