package org.keepaliveagent.reactornetty;

import io.netty.channel.ChannelException;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.util.AttributeKey;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiPredicate;
import net.bytebuddy.asm.Advice;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.adapter.Hook;
import org.keepaliveagent.hooks.KeepaliveEviction;
import org.keepaliveagent.hooks.KeepaliveHooks;
import reactor.netty.Connection;

/**
 * The pool and the retry of Reactor Netty's HTTP client; what goes over its channels is seen by the
 * adapter of Netty's codec.
 *
 * <p>The pool asks one predicate whether to evict: at release, before it gives a connection out,
 * and where the application wants it in between. An exchange is the client's {@code
 * HttpClientHandler}, which all attempts of a request share, and which says of a failure whether it
 * is tried again.
 */
public final class ReactorNettyAdapter implements Adapter {
  private static final String POOL = "reactor.netty.internal.shaded.reactor.pool.";
  private static final String CONNECT = "reactor.netty.http.client.HttpClientConnect$";

  @Override
  public String name() {
    return "reactor-netty";
  }

  @Override
  public String versions() {
    return "1.0.48 to 1.3.7";
  }

  @Override
  public List<Hook> hooks() {
    return Arrays.asList(
        Hook.of(
            POOL + "DefaultPoolConfig",
            "evictionPredicate",
            "()Ljava/util/function/BiPredicate;",
            Eviction.class),
        Hook.of(POOL + "SimpleDequePool", "evictInBackground", "()V", Background.class),
        Hook.of(CONNECT + "HttpClientHandler", "get", "()Ljava/net/SocketAddress;", Leasing.class)
            .reading("method"),
        Hook.of(
            "reactor.netty.resources.DefaultPooledConnectionProvider$DisposableAcquire",
            "onSubscribe",
            "(Lorg/reactivestreams/Subscription;)V",
            Leased.class),
        Hook.of(
            CONNECT + "HttpClientHandler",
            "requestWithBody",
            "(Lreactor/netty/http/client/HttpClientOperations;)Lorg/reactivestreams/Publisher;",
            Request.class),
        Hook.of(
                CONNECT + "HttpObserver",
                "onUncaughtException",
                "(Lreactor/netty/Connection;Ljava/lang/Throwable;)V",
                Failure.class)
            .reading("handler"),
        Hook.of(CONNECT + "HttpClientHandler", "test", "(Ljava/lang/Throwable;)Z", Retry.class)
            .reading("handler", "method"));
  }

  @Override
  public void close(Object connection) {
    throw new IllegalStateException("the channel belongs to the adapter of Netty's codec");
  }

  /** The predicate that the pool asks from now on, of whatever pool. */
  public static final class Eviction {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(@Advice.Return(readOnly = false) BiPredicate<?, ?> predicate) {
      predicate = KeepaliveEviction.of(predicate);
    }
  }

  /** Looks through what is parked, and takes nothing. */
  public static final class Background {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter() {
      KeepaliveEviction.looking(true);
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit() {
      KeepaliveEviction.looking(false);
    }
  }

  /** A request is about to ask for a connection: the pool of its peer is looked up. */
  public static final class Leasing {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This Object exchange, @Advice.FieldValue("method") HttpMethod method) {
      KeepaliveHooks.leasing(exchange, method.name());
    }
  }

  /** The request has asked, and has a connection if one was parked and nobody else was asking. */
  public static final class Leased {
    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit() {
      KeepaliveHooks.leased();
    }
  }

  /** A request is made for a connection. */
  public static final class Request {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This Object exchange, @Advice.Argument(0) Connection connection) {
      connection.channel().attr(AttributeKey.valueOf("keepalive.exchange")).set(exchange);
    }
  }

  /** An attempt has died before its response. */
  public static final class Failure {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.FieldValue("handler") Object exchange, @Advice.Argument(1) Throwable cause) {
      if (cause instanceof IOException || cause instanceof ChannelException) {
        KeepaliveHooks.failed(exchange, cause);
      }
    }
  }

  /**
   * Is what failed so tried again? A body is made by the application, and may be there only once:
   * what has one by its method is not repeated, or where it is, by the library's own rules.
   */
  public static final class Retry {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.This Object exchange,
        @Advice.FieldValue("handler") Object body,
        @Advice.FieldValue("method") HttpMethod method,
        @Advice.Argument(0) Throwable cause,
        @Advice.Return(readOnly = false) boolean again) {
      if (cause instanceof IOException || cause instanceof ChannelException) {
        boolean replayable =
            body == null
                || method.equals(HttpMethod.GET)
                || method.equals(HttpMethod.HEAD)
                || method.equals(HttpMethod.DELETE)
                || method.equals(HttpMethod.OPTIONS);
        again = KeepaliveHooks.mayRetry(exchange, replayable, again);
      }
    }
  }
}
