package org.keepaliveagent.apachehttpclient4;

import java.io.Closeable;
import java.io.IOException;
import java.net.Socket;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSession;
import net.bytebuddy.asm.Advice;
import org.apache.http.HttpHost;
import org.apache.http.HttpRequest;
import org.apache.http.conn.routing.RouteInfo;
import org.apache.http.nio.NHttpClientConnection;
import org.apache.http.nio.NHttpConnection;
import org.apache.http.nio.reactor.SocketAccessor;
import org.apache.http.pool.PoolEntry;
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
  public List<String> packages() {
    return Collections.singletonList("org.apache.http.");
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
            Search.class),
        Hook.of(
            NIO + "pool.RouteSpecificPool", "getFree", "(Ljava/lang/Object;)" + ENTRY, Lease.class),
        Hook.of(
            NIO + "pool.RouteSpecificPool",
            "createEntry",
            "(" + TYPE + "nio/reactor/SessionRequest;Ljava/lang/Object;)" + ENTRY,
            Opened.class),
        Hook.of(
            NIO + "pool.AbstractNIOConnPool",
            "getMax",
            "(Ljava/lang/Object;)I",
            MaxConnections.class),
        Hook.of(NIO + "pool.AbstractNIOConnPool", "release", "(" + ENTRY + "Z)V", Park.class),
        Hook.of(
            NIO + "conn.ssl.SSLIOSessionStrategy",
            "verifySession",
            "(" + TYPE + "HttpHost;" + TYPE + "nio/reactor/IOSession;Ljavax/net/ssl/SSLSession;)V",
            Secured.class),
        Hook.of(
                CLIENT + "client.AbstractClientExchangeHandler",
                "connectionAllocated",
                "(" + CONNECTION + ")V",
                AsyncFailure.HandOver.class)
            .or(
                Hook.of(
                    CLIENT + "client.DefaultClientExchangeHandlerImpl",
                    "connectionAllocated",
                    "(" + CONNECTION + ")V",
                    AsyncFailure.HandOver.class)),
        Hook.of(
                CLIENT + "client.AbstractClientExchangeHandler",
                "connectionRequestFailed",
                "(Ljava/lang/Exception;)V",
                Unreached.Async.class)
            .or(
                Hook.of(
                    CLIENT + "client.DefaultClientExchangeHandlerImpl",
                    "connectionRequestFailed",
                    "(Ljava/lang/Exception;)V",
                    Unreached.Async.class))
            .reading("localContext"),
        Hook.of(CLIENT + "conn.CPoolProxy", "requestOutput", "()V", AsyncFailure.Output.class),
        Hook.of(
            CLIENT + "DefaultNHttpClientConnection",
            "submitRequest",
            "(" + TYPE + "HttpRequest;)V",
            AsyncExchange.Sending.class),
        Hook.of(
            EXECUTOR, "responseReceived", "(" + CONNECTION + ")V", AsyncExchange.Responding.class),
        Hook.of(
            EXECUTOR,
            "outputReady",
            "(" + CONNECTION + TYPE + "nio/ContentEncoder;)V",
            AsyncExchange.Sent.class),
        Hook.of(EXECUTOR, "endOfInput", "(" + CONNECTION + ")V", AsyncFailure.Failed.class),
        Hook.of(EXECUTOR, "closed", "(" + CONNECTION + ")V", AsyncFailure.Failed.class),
        Hook.of(EXECUTOR, "timeout", "(" + CONNECTION + ")V", AsyncFailure.Failed.class),
        Hook.of(
            EXECUTOR,
            "exception",
            "(" + CONNECTION + "Ljava/lang/Exception;)V",
            AsyncFailure.Failed.class),
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

  /** Searches the pool for a request; one that finds nothing waits in its queue. */
  public static final class Search {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.Argument(0) RouteInfo route,
        @Advice.Argument(value = 2, readOnly = false) long connectTimeout,
        @Advice.Argument(4) TimeUnit unit) {
      HttpHost peer = route.getProxyHost();
      if (peer == null || route.isTunnelled()) {
        peer = route.getTargetHost();
      }
      String scheme = peer.getSchemeName();
      int port = peer.getPort() >= 0 ? peer.getPort() : scheme.equals("https") ? 443 : 80;
      int own = (int) Math.max(0, unit.toMillis(connectTimeout));
      int millis = KeepaliveHooks.connectTimeoutMillis(scheme, peer.getHostName(), port, own);
      if (millis != own) {
        connectTimeout = unit.convert(millis, TimeUnit.MILLISECONDS);
      }
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit() {
      KeepaliveHooks.leased();
    }
  }

  /**
   * Takes an entry from the idle ones; the pool drops one that is closed and asks again. The
   * reactor says nothing of stray bytes until they make a line.
   */
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
      NHttpClientConnection parked = (NHttpClientConnection) connection;
      Object state = parked.getContext().getAttribute("keepalive.state");
      if (state instanceof long[]
          && ((long[]) state)[AsyncExchange.RECEIVED]
              != parked.getMetrics().getReceivedBytesCount()) {
        KeepaliveHooks.closed(parked, true);
      }
      if (!KeepaliveHooks.mayLease(parked)) {
        parked.close();
      }
    }
  }

  /** A transport has been connected. The old client's pool has sessions for connections. */
  public static final class Opened {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(@Advice.Return PoolEntry<?, ?> entry) {
      if (!(entry.getRoute() instanceof RouteInfo)
          || !(entry.getConnection() instanceof NHttpClientConnection)) {
        return;
      }
      RouteInfo route = (RouteInfo) entry.getRoute();
      NHttpClientConnection connection = (NHttpClientConnection) entry.getConnection();
      HttpHost peer = route.getProxyHost();
      if (peer == null || route.isTunnelled()) {
        peer = route.getTargetHost();
      }
      String scheme = peer.getSchemeName();
      String host = peer.getHostName();
      int port = peer.getPort() >= 0 ? peer.getPort() : scheme.equals("https") ? 443 : 80;
      KeepaliveHooks.opened(connection, "apache-httpclient-4-async", scheme, host, port);
      connection.getContext().setAttribute("keepalive.route", route);
      Socket socket = ((SocketAccessor) connection).getSocket();
      if (socket != null) {
        Object channel = socket.getChannel();
        KeepaliveHooks.connected(channel == null ? socket : channel, scheme, host, port);
      }
    }
  }

  /** Takes an entry back, or closes its connection: also one whose last body was not all sent. */
  public static final class Park {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This Object pool,
        @Advice.Argument(0) PoolEntry<?, ?> entry,
        @Advice.Argument(value = 1, readOnly = false) boolean reusable) {
      if (!reusable || !(entry.getConnection() instanceof NHttpClientConnection)) {
        return;
      }
      NHttpClientConnection connection = (NHttpClientConnection) entry.getConnection();
      Object state = connection.getContext().getAttribute("keepalive.state");
      if (state instanceof long[]) {
        ((long[]) state)[AsyncExchange.RECEIVED] = connection.getMetrics().getReceivedBytesCount();
        ((long[]) state)[AsyncExchange.STAGE] = AsyncExchange.PARKED;
        if (((long[]) state)[AsyncExchange.BODY] != 0) {
          KeepaliveHooks.closed(connection, false);
        }
      }
      reusable = KeepaliveHooks.mayPark(connection, pool);
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

  /** This side closes a connection. */
  public static final class Closed {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(@Advice.This Object connection) {
      Object state = ((NHttpConnection) connection).getContext().getAttribute("keepalive.state");
      if (state instanceof long[]) {
        ((long[]) state)[AsyncExchange.STAGE] = AsyncExchange.CLOSED_HERE;
      }
      KeepaliveHooks.closed(connection, false);
    }
  }
}
