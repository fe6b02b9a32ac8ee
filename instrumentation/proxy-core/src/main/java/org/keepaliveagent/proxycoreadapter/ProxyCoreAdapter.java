package org.keepaliveagent.proxycoreadapter;

import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;
import java.util.List;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.adapter.Hook;

/**
 * proxy-core, the reference reverse proxy.
 *
 * <p>A connection is its Netty channel, an exchange its {@code Exchange}. It has one place for each
 * question, and everything of an exchange happens on one event loop, the pool included: a refused
 * connection may be closed on the spot.
 */
public final class ProxyCoreAdapter implements Adapter {
  private static final String PROXY = "org.keepaliveagent.proxycore.";
  private static final String POOL = PROXY + "ConnectionPool";
  private static final String EXCHANGE = PROXY + "Exchange";
  private static final String CONNECT = PROXY + "ConnectAttempt";
  private static final String A_CHANNEL = "Lio/netty/channel/Channel;";
  private static final String A_DURATION = "Ljava/time/Duration;";
  private static final String AN_EXCHANGE = "Lorg/keepaliveagent/proxycore/Exchange;";

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
        Hook.of(POOL, "isAvailable", "(IZ)Z", PoolAdvice.Available.class),
        Hook.of(POOL, "opened", "(" + A_CHANNEL + ")V", PoolAdvice.Opened.class),
        Hook.of(POOL, "poll", "(" + AN_EXCHANGE + ")" + A_CHANNEL, PoolAdvice.Lease.class),
        Hook.of(POOL, "park", "(" + A_CHANNEL + ")V", PoolAdvice.Park.class),
        Hook.of(POOL, "closed", "(" + A_CHANNEL + "Z)V", PoolAdvice.Closed.class),
        Hook.of(
            CONNECT,
            "begin",
            "(Lio/netty/channel/EventLoop;Lorg/keepaliveagent/proxycore/ConnectionPool;"
                + AN_EXCHANGE
                + A_DURATION
                + ")"
                + A_CHANNEL,
            ConnectAdvice.Begin.class),
        Hook.of(
                CONNECT,
                "operationComplete",
                "(Lio/netty/channel/ChannelFuture;)V",
                ConnectAdvice.Connected.class)
            .reading("pool"),
        Hook.of(
            EXCHANGE,
            "sendHead",
            "(" + A_CHANNEL + "Lio/netty/handler/codec/http/HttpRequest;)V",
            RequestAdvice.Sending.class),
        Hook.of(
            EXCHANGE,
            "sendTimeout",
            "(" + A_CHANNEL + ")" + A_DURATION,
            ResponseAdvice.SendTimeout.class),
        Hook.of(
            EXCHANGE,
            "readTimeout",
            "(" + A_CHANNEL + ")" + A_DURATION,
            ResponseAdvice.ReadTimeout.class),
        Hook.of(
            PROXY + "FramingGuard",
            "decode",
            "(Lio/netty/channel/ChannelHandlerContext;Lio/netty/buffer/ByteBuf;Ljava/util/List;)V",
            ResponseAdvice.Begun.class),
        Hook.of(
            EXCHANGE,
            "responseHead",
            "(" + A_CHANNEL + "Lio/netty/handler/codec/http/HttpResponse;)V",
            ResponseAdvice.Responding.class),
        Hook.of(EXCHANGE, "failed", "(Ljava/lang/Throwable;)V", RetryAdvice.Failed.class),
        Hook.of(EXCHANGE, "choosePeer", "()V", RetryAdvice.Choosing.class));
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
}
