package org.keepaliveagent.reactornetty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import net.bytebuddy.asm.Advice;
import org.keepaliveagent.hooks.KeepaliveHooks;
import reactor.core.publisher.MonoSink;
import reactor.netty.Connection;
import reactor.netty.ConnectionObserver.State;
import reactor.netty.internal.shaded.reactor.pool.PooledRef;

/** Connecting, leasing and parking. */
final class PoolAdvice {
  private PoolAdvice() {}

  /** A channel is about to be connected to the address of this index. */
  public static final class Connecting {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.Argument(0) List<?> addresses,
        @Advice.Argument(2) ChannelPromise promise,
        @Advice.Argument(3) int index) {
      Channel channel = promise.channel();
      Object address = addresses.get(index);
      if (address instanceof InetSocketAddress
          && channel.pipeline().get(HttpClientCodec.class) != null) {
        InetSocketAddress peer = (InetSocketAddress) address;
        int otherwise = channel.config().getConnectTimeoutMillis();
        int wait =
            KeepaliveHooks.connectTimeoutMillis(
                channel.pipeline().get(SslHandler.class) == null ? "http" : "https",
                peer.getHostString(),
                peer.getPort(),
                otherwise);
        if (wait != otherwise) {
          channel.config().setConnectTimeoutMillis(wait);
        }
      }
    }
  }

  /**
   * The pool has given a connection out. The library looks whether it is alive, and fails the
   * exchange after the second in turn that is not; below, on this thread, it asks whether to retry.
   */
  public static final class Acquired {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static boolean enter(
        @Advice.FieldValue("retried") boolean retried,
        @Advice.FieldValue("pooledRef") PooledRef<? extends Connection> given) {
      if (retried && KeepaliveHooks.mayRead(given.poolable().channel())) {
        KeepaliveHooks.reading(given.poolable().channel());
        return true;
      }
      return false;
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit(@Advice.Enter boolean told) {
      if (told) {
        KeepaliveHooks.reading(null);
      }
    }
  }

  /** An exchange has a connection, and nothing has been sent on it yet. */
  public static final class Lease {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This Object exchange,
        @Advice.FieldValue("method") HttpMethod method,
        @Advice.Argument(0) Connection operations) {
      Channel channel = operations.channel();
      if (channel.pipeline().get(HttpClientCodec.class) == null) {
        return;
      }
      Object known = channel.attr(AttributeKey.<Object>valueOf("keepalive.peer")).get();
      Object address = known == null ? channel.remoteAddress() : known;
      if (address instanceof InetSocketAddress) {
        InetSocketAddress peer = (InetSocketAddress) address;
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        String host = peer.getHostString();
        int port = peer.getPort();
        // Through a tunnel, TLS is spoken with another than the first peer.
        if (tls != null && tls.engine().getPeerHost() != null && tls.engine().getPeerPort() > 0) {
          host = tls.engine().getPeerHost();
          port = tls.engine().getPeerPort();
        }
        KeepaliveHooks.opened(channel, "reactor-netty", tls == null ? "http" : "https", host, port);
      }
      boolean parked =
          channel.attr(AttributeKey.<Object>valueOf("keepalive.parked")).getAndSet(null) != null;
      boolean refused =
          parked
              && (!KeepaliveHooks.mayReuse(exchange)
                  || !KeepaliveHooks.mayLease(channel, method.name()));
      channel
          .attr(AttributeKey.<Object>valueOf("keepalive.refused"))
          .set(refused ? "by policy" : null);
      channel
          .attr(AttributeKey.<Object>valueOf("keepalive.unused"))
          .set(
              parked
                      && !refused
                      && known instanceof InetSocketAddress
                      && KeepaliveHooks.mayRead(channel)
                  ? "under policy"
                  : null);
      channel.attr(AttributeKey.<Object>valueOf("keepalive.replayable")).set(null);
      channel.attr(AttributeKey.<Object>valueOf("keepalive.exchange")).set(exchange);
    }
  }

  /** Sends the request, once a connection is configured. */
  public static final class Refuse {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static boolean enter(
        @Advice.FieldValue("sink") MonoSink<?> sink,
        @Advice.Argument(0) Connection operations,
        @Advice.Argument(1) State state) {
      if (state != State.CONFIGURED
          || operations
                  .channel()
                  .attr(AttributeKey.<Object>valueOf("keepalive.refused"))
                  .getAndSet(null)
              == null) {
        return false;
      }
      // The pool gives up the connection before it is asked for another.
      operations.dispose();
      sink.error(new IOException("keepalive.refused"));
      return true;
    }
  }

  /** A connection is about to be given back. One that is not persistent is closed instead. */
  public static final class Park {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This Connection connection,
        @Advice.FieldValue("pool") Object pool,
        @Advice.Argument(1) State state) {
      if (state != State.DISCONNECTING) {
        return;
      }
      Channel channel = connection.channel();
      if (channel.isActive()
          && connection.isPersistent()
          && channel.pipeline().get(HttpClientCodec.class) != null
          && channel.attr(AttributeKey.<Object>valueOf("keepalive.exchange")).get() != null) {
        if (KeepaliveHooks.mayPark(channel, pool)) {
          channel.attr(AttributeKey.<Object>valueOf("keepalive.parked")).set("by policy");
          // Set before others see it: the pool fails where it is there and has no value yet.
          channel.attr(AttributeKey.<Object>valueOf("$PERSISTENT_CHANNEL")).set(true);
        } else {
          connection.markPersistent(false);
        }
      }
    }
  }
}
