package org.keepaliveagent.proxycoreadapter;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.AttributeKey;
import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;
import java.util.List;
import net.bytebuddy.asm.Advice;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.adapter.Hook;
import org.keepaliveagent.hooks.KeepaliveHooks;
import org.keepaliveagent.proxycore.ConnectionPool;
import org.keepaliveagent.proxycore.Exchange;

/**
 * proxy-core, the reference reverse proxy.
 *
 * <p>A connection is its Netty channel, an exchange its {@code Exchange}. It has one place for each
 * question, and everything of an exchange happens on one event loop, the pool included: a refused
 * connection may be closed on the spot.
 */
@SuppressWarnings("FutureReturnValueIgnored") // of a close nobody waits for the end
public final class ProxyCoreAdapter implements Adapter {
  private static final String POOL = "org.keepaliveagent.proxycore.ConnectionPool";
  private static final String EXCHANGE = "org.keepaliveagent.proxycore.Exchange";
  private static final String CHANNEL = "Lio/netty/channel/Channel;";

  @Override
  public String name() {
    return "proxy-core";
  }

  @Override
  public String versions() {
    return "0.1";
  }

  @Override
  public List<Hook> hooks() {
    return Arrays.asList(
        Hook.of(POOL, "opened", "(" + CHANNEL + ")V", Opened.class),
        Hook.of(POOL, "poll", "(Lorg/keepaliveagent/proxycore/Exchange;)" + CHANNEL, Lease.class),
        Hook.of(POOL, "park", "(" + CHANNEL + ")V", Park.class),
        Hook.of(POOL, "closed", "(" + CHANNEL + "Z)V", Closed.class),
        Hook.of(
            EXCHANGE,
            "sendHead",
            "(" + CHANNEL + "Lio/netty/handler/codec/http/HttpRequest;)V",
            Sending.class),
        Hook.of(
            EXCHANGE,
            "responseHead",
            "(" + CHANNEL + "Lio/netty/handler/codec/http/HttpResponse;)V",
            Responding.class),
        Hook.of(EXCHANGE, "failed", "(Ljava/lang/Throwable;)V", Failed.class),
        Hook.of(
                "org.keepaliveagent.proxycore.ConnectAttempt",
                "operationComplete",
                "(Lio/netty/channel/ChannelFuture;)V",
                Connecting.class)
            .reading("pool", "exchange"));
  }

  /** From any thread: the channel passes it to its event loop, and the pool hears of it there. */
  @Override
  public void close(Object connection) throws Throwable {
    try {
      connection.getClass().getMethod("close").invoke(connection);
    } catch (InvocationTargetException e) {
      throw e.getTargetException();
    }
  }

  /** A new connection is established. */
  public static final class Opened {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This ConnectionPool pool, @Advice.Argument(0) Channel connection) {
      KeepaliveHooks.opened(connection, "proxy-core", pool.scheme(), pool.host(), pool.port());
    }
  }

  /** The opening of a connection is over, with one or without. */
  public static final class Connecting {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.FieldValue("pool") ConnectionPool pool,
        @Advice.FieldValue("exchange") Exchange exchange,
        @Advice.Argument(0) ChannelFuture opening) {
      if (opening.cause() != null && !opening.isCancelled()) {
        String traceparent = exchange.header("traceparent");
        KeepaliveHooks.unreached(
            exchange,
            "proxy-core",
            pool.scheme(),
            pool.host(),
            pool.port(),
            exchange.method(),
            traceparent == null ? exchange.header("b3") : traceparent,
            opening.cause());
      }
    }
  }

  /** Takes one connection out of the pool; runs again after a refusal. */
  public static final class Lease {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static boolean enter(@Advice.Argument(0) Exchange exchange) {
      return !KeepaliveHooks.mayReuse(exchange);
    }

    @Advice.OnMethodExit(repeatOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static boolean exit(
        @Advice.This ConnectionPool pool,
        @Advice.Argument(0) Exchange exchange,
        @Advice.Return Channel connection) {
      if (connection == null) {
        return false;
      }
      KeepaliveHooks.opened(connection, "proxy-core", pool.scheme(), pool.host(), pool.port());
      if (KeepaliveHooks.mayLease(connection, exchange.method())) {
        return false;
      }
      connection.close();
      return true;
    }
  }

  /** Takes a connection back, or closes it instead. */
  public static final class Park {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static boolean enter(
        @Advice.This ConnectionPool pool, @Advice.Argument(0) Channel connection) {
      if (KeepaliveHooks.mayPark(connection, pool)) {
        return false;
      }
      connection.close();
      return true;
    }
  }

  /** A connection has become inactive. */
  public static final class Closed {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.Argument(0) Channel connection, @Advice.Argument(1) boolean byPeer) {
      KeepaliveHooks.closed(connection, byPeer);
    }
  }

  /** Writes the request head. */
  public static final class Sending {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This Exchange exchange,
        @Advice.Argument(0) Channel connection,
        @Advice.Argument(1) HttpRequest head) {
      // The codec's adapter leaves it alone: all that it would tell is told here.
      connection.attr(AttributeKey.<Object>valueOf("keepalive.peer")).set("proxy-core");
      HttpHeaders headers = head.headers();
      String traceparent = headers.get("traceparent");
      if (traceparent == null) {
        traceparent = headers.get("b3");
      }
      String traceId = traceparent == null ? headers.get("X-B3-TraceId") : null;
      if (traceId != null) {
        traceparent =
            KeepaliveHooks.b3(
                traceId,
                headers.get("X-B3-SpanId"),
                headers.get("X-B3-Sampled"),
                headers.get("X-B3-Flags"));
      }
      KeepaliveHooks.sending(
          connection,
          exchange,
          exchange.method(),
          traceparent,
          headers.contains("idempotency-key"));
      if (!KeepaliveHooks.maySendAll(connection)) {
        String nominated = String.join(",", headers.getAll("connection"));
        for (String name : headers.names()) {
          if (!KeepaliveHooks.maySend(connection, name, headers.get(name), nominated)) {
            headers.remove(name);
          }
        }
      }
    }
  }

  /** The final response head has arrived. */
  public static final class Responding {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.Argument(0) Channel connection, @Advice.Argument(1) HttpResponse head) {
      HttpHeaders headers = head.headers();
      KeepaliveHooks.responding(
          connection,
          head.status().code(),
          head.protocolVersion().minorVersion() == 0,
          headers.containsValue("connection", "close", true) ? "close" : null,
          headers.get("keep-alive"));
    }
  }

  /** An attempt has failed: the error page, or the same request once more. */
  public static final class Failed {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static boolean enter(
        @Advice.This Exchange exchange, @Advice.Argument(0) Throwable cause) {
      KeepaliveHooks.failed(exchange, cause);
      if (!KeepaliveHooks.mayRetry(exchange, exchange.replayable(), false)) {
        return false;
      }
      exchange.start();
      return true;
    }
  }
}
