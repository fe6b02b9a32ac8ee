package org.keepaliveagent.undertowproxy;

import io.undertow.client.ClientConnection;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.proxy.LoadBalancingProxyClient.Host;
import io.undertow.server.handlers.proxy.ProxyConnection;
import io.undertow.server.handlers.proxy.ProxyConnectionPool;
import io.undertow.server.handlers.proxy.ProxyConnectionPool.AvailabilityType;
import io.undertow.util.AttachmentKey;
import io.undertow.util.AttachmentList;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.HttpString;
import java.io.IOException;
import java.net.URI;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.hooks.KeepaliveHooks;

/** The advice of {@link UndertowProxyAdapter} on the proxy and its pools. */
public final class ProxyAdvice {
  private ProxyAdvice() {}

  /**
   * A connection has been made for the pool. One that serves a single connection of the front never
   * goes there and is left alone.
   */
  public static final class Opened {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.FieldValue("this$0") ProxyConnectionPool pool,
        @Advice.FieldValue("val$exclusive") boolean exclusive,
        @Advice.Argument(0) ClientConnection connection) {
      URI uri = pool.getUri();
      boolean tls = "https".equals(uri.getScheme());
      if (exclusive
          || connection.isMultiplexingSupported()
          || (!tls && !"http".equals(uri.getScheme()))) {
        return;
      }
      int port = uri.getPort() != -1 ? uri.getPort() : tls ? 443 : 80;
      KeepaliveHooks.opened(connection, "undertow-proxy", uri.getScheme(), uri.getHost(), port);
    }
  }

  /** A connection could not be made. */
  public static final class Unreachable {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.FieldValue("this$0") ProxyConnectionPool pool,
        @Advice.FieldValue("val$exchange") HttpServerExchange exchange,
        @Advice.Argument(0) IOException cause) {
      URI uri = pool.getUri();
      boolean tls = "https".equals(uri.getScheme());
      int port = uri.getPort() != -1 ? uri.getPort() : tls ? 443 : 80;
      KeepaliveHooks.unreachable(uri.getScheme(), uri.getHost(), port);
      HeaderMap headers = exchange.getRequestHeaders();
      String traceparent = headers.getFirst("traceparent");
      KeepaliveHooks.unreached(
          exchange,
          "undertow-proxy",
          uri.getScheme(),
          uri.getHost(),
          port,
          exchange.getRequestMethod().toString(),
          traceparent == null ? headers.getFirst("b3") : traceparent,
          cause);
    }
  }

  /** Takes a connection from the pool, or opens one, or waits. */
  public static final class Searching {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This ProxyConnectionPool pool, @Advice.Argument(1) HttpServerExchange exchange) {
      KeepaliveHooks.leasing(exchange, exchange.getRequestMethod().toString(), pool);
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit() {
      KeepaliveHooks.leased();
    }
  }

  /** Whether the pool's peer can have a request; the balancer uses the first that can. */
  public static final class Available {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.This ProxyConnectionPool pool,
        @Advice.Return(readOnly = false) AvailabilityType available) {
      if (available != AvailabilityType.AVAILABLE) {
        return;
      }
      URI uri = pool.getUri();
      int port = uri.getPort() != -1 ? uri.getPort() : "https".equals(uri.getScheme()) ? 443 : 80;
      if (!KeepaliveHooks.mayChoose(uri.getScheme(), uri.getHost(), port, true)) {
        available = AvailabilityType.PROBLEM;
      }
    }
  }

  /**
   * Chooses the peer for an exchange, never one that it was at; null for the error page. A
   * repetition that the policy decided may need the same peer.
   */
  public static final class Choosing {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static @Nullable Object enter(
        @Advice.Argument(0) HttpServerExchange exchange,
        @Advice.FieldValue("ATTEMPTED_HOSTS") AttachmentKey<AttachmentList<Host>> key) {
      AttachmentList<Host> attempted = exchange.getAttachment(key);
      return attempted != null && KeepaliveHooks.mayReturn(exchange, true)
          ? attempted.get(attempted.size() - 1)
          : null;
    }

    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.Enter @Nullable Object same,
        @Advice.Argument(0) HttpServerExchange exchange,
        @Advice.FieldValue("ATTEMPTED_HOSTS") AttachmentKey<AttachmentList<Host>> key,
        @Advice.Return(readOnly = false, typing = Assigner.Typing.DYNAMIC) Host host) {
      if (same != null) {
        host = (Host) same;
      }
      AttachmentList<Host> attempted = host == null ? exchange.getAttachment(key) : null;
      if (attempted != null && KeepaliveHooks.mayReturn(exchange, false)) {
        host = attempted.get(attempted.size() - 1);
      }
    }
  }

  /** Makes the request head of the front's and sends it. */
  public static final class Sending {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.FieldValue("exchange") HttpServerExchange exchange,
        @Advice.FieldValue("clientConnection") ProxyConnection connection) {
      // What fails from here on is no matter of a connection whose bytes have led here.
      KeepaliveHooks.reading(null);
      HeaderMap headers = exchange.getRequestHeaders();
      String traceparent = null;
      String single = null;
      String traceId = null;
      boolean keyed = false;
      // A look for a name that is no HttpString makes an array of it, whether there is one or not.
      for (long at = headers.fastIterateNonEmpty(); at != -1; at = headers.fiNextNonEmpty(at)) {
        HeaderValues values = headers.fiCurrent(at);
        HttpString name = values.getHeaderName();
        if (name.equalToString("traceparent")) {
          traceparent = values.getFirst();
        } else if (name.equalToString("b3")) {
          single = values.getFirst();
        } else if (name.equalToString("X-B3-TraceId")) {
          traceId = values.getFirst();
        } else if (name.equalToString("idempotency-key")) {
          keyed = true;
        }
      }
      if (traceparent == null) {
        traceparent = single;
      }
      if (traceparent == null && traceId != null) {
        traceparent =
            KeepaliveHooks.b3(
                traceId,
                headers.getFirst("X-B3-SpanId"),
                headers.getFirst("X-B3-Sampled"),
                headers.getFirst("X-B3-Flags"));
      }
      KeepaliveHooks.sending(
          connection.getConnection(),
          exchange,
          exchange.getRequestMethod().toString(),
          traceparent,
          keyed);
    }
  }
}
