package org.keepaliveagent.apachehttpclient5;

import static org.keepaliveagent.apachehttpclient5.ApacheHttpClient5SharedAdapter.full;

import java.io.Closeable;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolEntry;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.adapter.Hook;
import org.keepaliveagent.hooks.KeepaliveHooks;
import org.keepaliveagent.hooks.KeepaliveSocket;

/**
 * Apache HttpClient 5.
 *
 * <p>A connection is the managed connection in a pool's entry, an exchange its {@code
 * HttpClientContext}, which stays the same when the client tries again. Whatever pool stands behind
 * the pooling connection manager, an <em>endpoint</em> stands for one lease: made when an entry has
 * been leased, with no lock held, and executed. The pool that takes its entry back is hooked by
 * {@link ApacheHttpClient5SharedAdapter}. A refused connection is discarded from the leased entry,
 * as the manager does with an expired one, and the client connects anew on the same entry, so that
 * the pool's books are never touched.
 */
public final class ApacheHttpClient5Adapter implements Adapter {
  private static final String CLIENT = "org.apache.hc.client5.http.impl.";
  private static final String ENDPOINT =
      CLIENT + "io.PoolingHttpClientConnectionManager$InternalConnectionEndpoint";
  private static final String SINGLE = CLIENT + "io.BasicHttpClientConnectionManager";
  private static final String OPERATOR = CLIENT + "io.DefaultHttpClientConnectionOperator";
  private static final String NAMED = "Lcore5/net/NamedEndpoint;";
  private static final String LOCAL = "Ljava/net/InetSocketAddress;Lcore5/util/";
  private static final String CONNECTION = "org.apache.hc.core5.http.impl.io.BHttpConnectionBase";

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
            CLIENT + "classic.ConnectExec",
            "execute",
            full(
                "(Lcore5/http/ClassicHttpRequest;Lclient5/classic/ExecChain$Scope;"
                    + "Lclient5/classic/ExecChain;)Lcore5/http/ClassicHttpResponse;"),
            Searching.class),
        Hook.of(ENDPOINT, "<init>", full("(Lcore5/pool/PoolEntry;)V"), Lease.class)
            .or(
                full(
                    "(Lclient5/impl/io/PoolingHttpClientConnectionManager;Lcore5/pool/PoolEntry;)V"),
                Lease.class)
            .reading("poolEntryRef"),
        connecting(NAMED + "Ljava/nio/file/Path;" + LOCAL + "Timeout;", "Ljava/lang/Object;")
            .or(connecting(NAMED + LOCAL + "Timeout;", "Ljava/lang/Object;"))
            .or(connecting(LOCAL + "Timeout;", "Ljava/lang/Object;"))
            .or(connecting(LOCAL + "TimeValue;", "")),
        Hook.of(
            "org.apache.hc.core5.http.impl.io.HttpRequestExecutor",
            "execute",
            full(
                "(Lcore5/http/ClassicHttpRequest;Lcore5/http/io/HttpClientConnection;"
                    + "Lcore5/http/io/HttpResponseInformationCallback;Lcore5/http/protocol/HttpContext;)"
                    + "Lcore5/http/ClassicHttpResponse;"),
            ClassicExchange.class),
        Hook.of(
                SINGLE,
                "getConnection",
                full(
                    "(Lclient5/HttpRoute;Ljava/lang/Object;)"
                        + "Lclient5/io/ManagedHttpClientConnection;"),
                ClassicSingle.Lease.class)
            .reading("conn", "route", "leased"),
        Hook.of(
                SINGLE,
                "release",
                full("(Lclient5/io/ConnectionEndpoint;Ljava/lang/Object;Lcore5/util/TimeValue;)V"),
                ClassicSingle.Park.class)
            .reading("conn", "leased"),
        Hook.of(CONNECTION, "close", "()V", Closed.class),
        Hook.of(CONNECTION, "close", full("(Lcore5/io/CloseMode;)V"), Closed.class));
  }

  private static Hook connecting(String upToTimeout, String attachment) {
    return Hook.of(
        OPERATOR,
        "connect",
        full(
            "(Lclient5/io/ManagedHttpClientConnection;Lcore5/http/HttpHost;"
                + upToTimeout
                + "Lcore5/http/io/SocketConfig;"
                + attachment
                + "Lcore5/http/protocol/HttpContext;)V"),
        Connecting.class);
  }

  /** The pool meets the closed connection at its next lease, and drops it then. */
  @Override
  public void close(Object connection) throws IOException {
    ((Closeable) connection).close();
  }

  /**
   * Leases an entry from the pool on this thread, and runs the rest of the exchange. One that
   * follows a failure is a repetition for which a strategy of the application's own has spoken.
   */
  public static final class Searching {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static @Nullable Object enter(
        @Advice.Argument(0) ClassicHttpRequest request, @Advice.Argument(1) ExecChain.Scope scope) {
      HttpClientContext exchange = scope.clientContext;
      if (exchange.getAttribute("keepalive.strategy") != null) {
        Object failure = exchange.removeAttribute("keepalive.failure");
        if (failure != null && !KeepaliveHooks.mayRetry(exchange, true, true)) {
          return failure;
        }
      }
      KeepaliveHooks.leasing(exchange, request.getMethod());
      return null;
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit(
        @Advice.Enter Object refused,
        @Advice.Argument(0) ClassicHttpRequest request,
        @Advice.Argument(1) ExecChain.Scope scope,
        @Advice.Thrown(readOnly = false) Throwable thrown) {
      KeepaliveHooks.leased();
      Object unreached =
          thrown == null ? null : scope.clientContext.removeAttribute("keepalive.unreached");
      if (unreached instanceof Throwable) {
        HttpHost peer = scope.route.getProxyHost();
        if (peer == null) {
          peer = scope.route.getTargetHost();
        }
        String scheme = peer.getSchemeName();
        String host = peer.getHostName();
        int port = peer.getPort() >= 0 ? peer.getPort() : scheme.equals("https") ? 443 : 80;
        Header parent = request.getFirstHeader("traceparent");
        if (parent == null) {
          parent = request.getFirstHeader("b3");
        }
        String traceparent = parent == null ? null : parent.getValue();
        KeepaliveHooks.unreached(
            scope.clientContext,
            "apache-httpclient-5",
            scheme,
            host,
            port,
            request.getMethod(),
            traceparent,
            (Throwable) unreached);
      }
      if (refused != null) {
        thrown = new HttpException("May not be sent again", (Throwable) refused);
        scope.clientContext.setAttribute("keepalive.refusal", thrown);
      }
    }
  }

  /** Connects to the first hop; where the time-out stands depends on the version. */
  public static final class Connecting {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.Argument(1) HttpHost peer,
        @Advice.AllArguments(readOnly = false, typing = Assigner.Typing.DYNAMIC)
            Object[] arguments) {
      String scheme = peer.getSchemeName();
      int port = peer.getPort() >= 0 ? peer.getPort() : scheme.equals("https") ? 443 : 80;
      int wait = KeepaliveHooks.connectTimeoutMillis(scheme, peer.getHostName(), port, -1);
      Object[] changed = arguments;
      for (int i = 0; wait >= 0 && i < changed.length; i++) {
        if (changed[i] instanceof TimeValue) {
          changed[i] = Timeout.ofMilliseconds(wait);
          arguments = changed;
        }
      }
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit(
        @Advice.AllArguments Object[] arguments, @Advice.Thrown Throwable cause) {
      Object exchange = cause == null ? null : arguments[arguments.length - 1];
      if (exchange instanceof HttpContext) {
        ((HttpContext) exchange).setAttribute("keepalive.unreached", cause);
      }
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
      if (entry == null || connection == null || connection.getProtocolVersion() == null) {
        return;
      }
      if (!connection.isOpen()) {
        entry.discardConnection(CloseMode.IMMEDIATE);
        return;
      }
      // It may have been parked before the agent came.
      HttpRoute route = entry.getRoute();
      HttpHost peer = route.getProxyHost();
      if (peer == null || route.isTunnelled()) {
        peer = route.getTargetHost();
      }
      String scheme = peer.getSchemeName();
      int port = peer.getPort() >= 0 ? peer.getPort() : scheme.equals("https") ? 443 : 80;
      KeepaliveHooks.opened(connection, "apache-httpclient-5", scheme, peer.getHostName(), port);
      boolean quiet = KeepaliveSocket.isQuiet(connection, null, connection.getSocket());
      if (!quiet) {
        KeepaliveHooks.closed(connection, true);
      }
      if (!KeepaliveHooks.mayReuse() || !KeepaliveHooks.mayLease(connection)) {
        entry.discardConnection(quiet ? CloseMode.GRACEFUL : CloseMode.IMMEDIATE);
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
