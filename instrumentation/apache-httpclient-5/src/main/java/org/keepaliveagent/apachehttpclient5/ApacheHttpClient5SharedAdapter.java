package org.keepaliveagent.apachehttpclient5;

import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import net.bytebuddy.asm.Advice;
import org.apache.hc.client5.http.RouteInfo;
import org.apache.hc.client5.http.async.AsyncExecChain;
import org.apache.hc.client5.http.nio.AsyncConnectionEndpoint;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.net.NamedEndpoint;
import org.apache.hc.core5.util.Timeout;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.adapter.Hook;
import org.keepaliveagent.hooks.KeepaliveHooks;

/**
 * Apache HttpClient 5, what stands around the connections of its two clients: the retry strategy
 * and the pools of both, and of the asynchronous one its search for a connection and its reactor.
 * Knows no connection of its own. A class belongs to one adapter only.
 */
public final class ApacheHttpClient5SharedAdapter implements Adapter {
  private static final String CORE = "org.apache.hc.core5.";
  private static final String POOL = CORE + "pool.";
  private static final String CLIENT = "org.apache.hc.client5.http.impl.";
  private static final String STRATEGY = CLIENT + "DefaultHttpRequestRetryStrategy";
  private static final String CONNECTING = CLIENT + "async.AsyncConnectExec";
  private static final String RETRYING = CLIENT + "classic.HttpRequestRetryExec";
  private static final String ASYNC_RETRYING = CLIENT + "async.AsyncHttpRequestRetryExec";
  private static final String CLASSIC =
      full(
          "(Lcore5/http/ClassicHttpRequest;Lclient5/classic/ExecChain$Scope;"
              + "Lclient5/classic/ExecChain;)Lcore5/http/ClassicHttpResponse;");
  private static final String ASYNC =
      full(
          "(Lcore5/http/HttpRequest;Lcore5/http/nio/AsyncEntityProducer;"
              + "Lclient5/async/AsyncExecChain$Scope;Lclient5/async/AsyncExecChain;"
              + "Lclient5/async/AsyncExecCallback;)V");
  private static final String RELEASE = full("(Lcore5/pool/PoolEntry;Z)V");
  private static final String MOST = "(Ljava/lang/Object;)I";

  @Override
  public String name() {
    return "apache-httpclient-5-shared";
  }

  @Override
  public List<String> packages() {
    return Collections.singletonList("org.apache.hc.");
  }

  @Override
  public String versions() {
    return "5.0.4 to 5.6.5";
  }

  /** The segmented pool came with 5.6; where it is not, a limit is hooked several times instead. */
  @Override
  public List<Hook> hooks() {
    Hook mostStrict = Hook.of(POOL + "StrictConnPool", "getMax", MOST, SharedPools.Most.class);
    return Arrays.asList(
        Hook.of(
            STRATEGY,
            "retryRequest",
            full(
                "(Lcore5/http/HttpRequest;Ljava/io/IOException;ILcore5/http/protocol/HttpContext;)Z"),
            Retry.class),
        Hook.of(
            STRATEGY,
            "retryRequest",
            full("(Lcore5/http/HttpResponse;ILcore5/http/protocol/HttpContext;)Z"),
            Repeat.class),
        Hook.of(RETRYING, "execute", CLASSIC, CustomStrategy.Asking.class).reading("retryStrategy"),
        Hook.of(CLIENT + "classic.ProtocolExec", "execute", CLASSIC, CustomStrategy.Attempt.class),
        Hook.of(ASYNC_RETRYING, "execute", ASYNC, CustomStrategy.AsyncAsking.class)
            .reading("retryStrategy"),
        Hook.of(
                ASYNC_RETRYING + "$1",
                "handleResponse",
                full(
                    "(Lcore5/http/HttpResponse;Lcore5/http/EntityDetails;)"
                        + "Lcore5/http/nio/AsyncDataConsumer;"),
                CustomStrategy.AsyncAnswer.class)
            .reading("val$scope", "val$asyncExecCallback"),
        Hook.of(ASYNC_RETRYING + "$1", "completed", "()V", CustomStrategy.AsyncCompleted.class)
            .reading("val$scope", "val$asyncExecCallback"),
        Hook.of(
                ASYNC_RETRYING + "$1",
                "failed",
                "(Ljava/lang/Exception;)V",
                CustomStrategy.AsyncFailed.class)
            .reading("val$scope", "val$asyncExecCallback"),
        Hook.of(
            CORE + "reactor.AbstractIOReactorBase",
            "connect",
            full(
                "(Lcore5/net/NamedEndpoint;Ljava/net/SocketAddress;Ljava/net/SocketAddress;"
                    + "Lcore5/util/Timeout;Ljava/lang/Object;Lcore5/concurrent/FutureCallback;)"
                    + "Ljava/util/concurrent/Future;"),
            Connecting.class),
        Hook.of(CONNECTING, "execute", ASYNC, Searching.class),
        Hook.of(
                CONNECTING + "$1",
                "completed",
                full("(Lclient5/async/AsyncExecRuntime;)V"),
                Leased.class)
            .reading("val$scope"),
        Hook.of(CONNECTING + "$2", "failed", "(Ljava/lang/Exception;)V", Unreached.class)
            .reading("val$scope", "val$request"),
        Hook.of(CONNECTING + "$3", "failed", "(Ljava/lang/Exception;)V", Unreached.class)
            .reading("val$scope", "val$request"),
        Hook.of(
                CLIENT + "async.InternalHttpAsyncExecRuntime",
                "isEndpointConnected",
                "()Z",
                Fresh.class)
            .reading("endpointRef"),
        Hook.of(POOL + "StrictConnPool", "release", RELEASE, SharedPools.Release.class),
        Hook.of(POOL + "LaxConnPool", "release", RELEASE, SharedPools.Release.class),
        Hook.of(POOL + "RouteSegmentedConnPool", "release", RELEASE, SharedPools.Release.class)
            .or(mostStrict),
        mostStrict,
        Hook.of(
            POOL + "LaxConnPool$PerRoutePool",
            "<init>",
            full(
                "(Ljava/lang/Object;ILcore5/util/TimeValue;Lcore5/pool/PoolReusePolicy;"
                    + "Lcore5/pool/ConnPoolStats;Lcore5/pool/DisposalCallback;"
                    + "Lcore5/pool/ConnPoolListener;)V"),
            SharedPools.MostOfNew.class),
        Hook.of(
                POOL + "RouteSegmentedConnPool$Segment",
                "limitPerRoute",
                MOST,
                SharedPools.Most.class)
            .or(mostStrict));
  }

  /** A descriptor written out. */
  static String full(String descriptor) {
    return descriptor
        .replace("Lclient5/", "Lorg/apache/hc/client5/http/")
        .replace("Lcore5/", "Lorg/apache/hc/core5/");
  }

  @Override
  public void close(Object connection) throws IOException {
    throw new IOException("no connection is opened under this name");
  }

  /**
   * Whether a failed request goes once more; asked only if its body can be sent again. What an
   * application has made of the strategy is heard by {@link CustomStrategy}.
   */
  public static final class Retry {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.This Object strategy,
        @Advice.Argument(1) IOException cause,
        @Advice.Argument(3) HttpContext exchange,
        @Advice.Return(readOnly = false) boolean mayRetry) {
      if (!strategy.getClass().getName().endsWith(".DefaultHttpRequestRetryStrategy")) {
        return;
      }
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

  /**
   * Leases an entry from the pool: on this thread if one is free. If none is, what another thread
   * releases is leased there, and has not idled.
   */
  public static final class Searching {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.Argument(0) HttpRequest request, @Advice.Argument(2) AsyncExecChain.Scope scope) {
      KeepaliveHooks.leasing(scope.clientContext, request.getMethod());
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit() {
      KeepaliveHooks.leased();
    }
  }

  /** An endpoint has been leased, for an exchange that is known here and not in the next place. */
  public static final class Leased {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(@Advice.FieldValue("val$scope") AsyncExecChain.Scope scope) {
      KeepaliveHooks.leasing(scope.clientContext);
    }
  }

  /** The asynchronous client has not been connected to the first hop. */
  public static final class Unreached {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.FieldValue("val$scope") AsyncExecChain.Scope scope,
        @Advice.FieldValue("val$request") HttpRequest request,
        @Advice.Argument(0) Exception cause) {
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
          "apache-httpclient-5-async",
          scheme,
          host,
          port,
          request.getMethod(),
          traceparent,
          cause);
    }
  }

  /** The client asks first whether what it has leased is connected, and connects it if not. */
  public static final class Fresh {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.FieldValue("endpointRef") AtomicReference<AsyncConnectionEndpoint> leased) {
      AsyncConnectionEndpoint endpoint = KeepaliveHooks.mayReuse() ? null : leased.get();
      if (endpoint != null) {
        KeepaliveHooks.leased();
        endpoint.close(CloseMode.GRACEFUL);
      }
    }
  }

  /** The reactor connects to a first hop, stated with its scheme and its real port. */
  public static final class Connecting {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.Argument(0) NamedEndpoint peer,
        @Advice.Argument(value = 3, readOnly = false) Timeout timeout) {
      if (peer instanceof HttpHost) {
        int wait =
            KeepaliveHooks.connectTimeoutMillis(
                ((HttpHost) peer).getSchemeName(), peer.getHostName(), peer.getPort(), -1);
        if (wait >= 0) {
          timeout = Timeout.ofMilliseconds(wait);
        }
      }
    }
  }
}
