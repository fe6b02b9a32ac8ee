package org.keepaliveagent.proxycoreadapter;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.nio.AbstractNioChannel;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import net.bytebuddy.asm.Advice;
import org.keepaliveagent.hooks.KeepaliveHooks;
import org.keepaliveagent.proxycore.ConnectionPool;

/** The advice of {@link ProxyCoreAdapter} on the opening of a connection. */
public final class ConnectAdvice {
  private ConnectAdvice() {}

  /** Begins to open one, within a limit of time. */
  public static final class Begin {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.Argument(1) ConnectionPool pool,
        @Advice.Argument(value = 3, readOnly = false) Duration limit) {
      int own = (int) Math.min(limit.toMillis(), Integer.MAX_VALUE);
      int millis =
          KeepaliveHooks.connectTimeoutMillis(pool.scheme(), pool.host(), pool.port(), own);
      if (millis != own) {
        limit = Duration.ofMillis(millis);
      }
    }
  }

  /** It is over; where the socket is connected, the kernel can be told how to watch it. */
  public static final class Connected {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.FieldValue("pool") ConnectionPool pool, @Advice.Argument(0) ChannelFuture opening) {
      if (opening.isSuccess()) {
        Channel channel = opening.channel();
        KeepaliveHooks.connected(
            channel.unsafe() instanceof AbstractNioChannel.NioUnsafe
                ? ((AbstractNioChannel.NioUnsafe) channel.unsafe()).ch()
                : channel,
            pool.scheme(),
            pool.host(),
            pool.port());
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls != null) {
          KeepaliveHooks.secured(pool.host(), pool.port(), tls.engine().getSession());
        }
      }
    }
  }
}
