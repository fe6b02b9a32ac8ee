package org.keepaliveagent.reactornetty;

import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;
import java.util.List;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.adapter.Hook;

/**
 * Reactor Netty's HTTP client, on which Spring's {@code WebClient} and Spring Cloud Gateway stand.
 *
 * <p>A connection is its Netty channel; heads and ends of connections are told by the adapter of
 * the codec, {@code netty-http}, which describes the attributes that both keep in a channel. An
 * exchange is the {@code HttpClientHandler}, which the library makes once for a request and asks
 * whether to try again.
 *
 * <p>A connection is judged when it has been leased and the request is about to be sent on it, on
 * its event loop: there the exchange is known. One that is refused is closed, as the library closes
 * what is cancelled, and the library's own retry acquires another: nothing has been sent, no
 * observer sees a failure. What speaks HTTP/2 has no HTTP/1.1 codec in its pipeline.
 */
public final class ReactorNettyAdapter implements Adapter {
  private static final String CONNECT = "reactor.netty.http.client.HttpClientConnect$";
  private static final String PROVIDER = "reactor.netty.resources.DefaultPooledConnectionProvider$";
  private static final String OPERATIONS = "Lreactor/netty/http/client/HttpClientOperations;";
  private static final String TRANSPORT = "reactor.netty.transport.TransportConnector";
  private static final String STATE =
      "(Lreactor/netty/Connection;Lreactor/netty/ConnectionObserver$State;)V";

  @Override
  public String name() {
    return "reactor-netty";
  }

  @Override
  public String versions() {
    return "1.0.7 to 1.3.8";
  }

  @Override
  public List<Hook> hooks() {
    return Arrays.asList(
        Hook.of(
                TRANSPORT,
                "doConnect",
                "(Ljava/util/List;Ljava/util/function/Supplier;"
                    + "Lreactor/netty/transport/TransportConnector$MonoChannelPromise;I)V",
                PoolAdvice.Connecting.class)
            .or(
                "(Ljava/util/List;Ljava/util/function/Supplier;"
                    + "Lio/netty/channel/ChannelPromise;I)V",
                PoolAdvice.Connecting.class),
        Hook.of(PROVIDER + "DisposableAcquire", "run", "()V", PoolAdvice.Acquired.class)
            .reading("retried", "pooledRef"),
        Hook.of(
                CONNECT + "HttpClientHandler",
                "channel",
                "(" + OPERATIONS + ")V",
                PoolAdvice.Lease.class)
            .reading("method"),
        Hook.of(CONNECT + "HttpIOHandlerObserver", "onStateChange", STATE, PoolAdvice.Refuse.class)
            .reading("sink"),
        Hook.of(PROVIDER + "PooledConnection", "onStateChange", STATE, PoolAdvice.Park.class)
            .reading("pool"),
        Hook.of(
                "reactor.netty.http.client.HttpClientOperations",
                "onOutboundComplete",
                "()V",
                RetryAdvice.Waiting.class)
            .reading("responseTimeout"),
        Hook.of(
            "reactor.netty.http.client.HttpClientOperations",
            "send",
            "(Lorg/reactivestreams/Publisher;)Lreactor/netty/NettyOutbound;",
            RetryAdvice.Body.class),
        Hook.of(
            CONNECT + "HttpObserver",
            "onUncaughtException",
            "(Lreactor/netty/Connection;Ljava/lang/Throwable;)V",
            RetryAdvice.Failing.class),
        Hook.of(
            CONNECT + "HttpClientHandler",
            "test",
            "(Ljava/lang/Throwable;)Z",
            RetryAdvice.Retry.class),
        Hook.of(
                CONNECT + "HttpClientHandler",
                "test",
                "(Ljava/lang/Throwable;)Z",
                RetryAdvice.Unreached.class)
            .reading("method", "defaultHeaders", "toURI"));
  }

  /**
   * From any thread: the channel passes the close to its event loop. Until it is done there, the
   * pool discards what is not persistent; of two in turn that it takes for alive and that are
   * closed by then, the library would make a failure. The attribute has its value since the park.
   */
  @Override
  public void close(Object channel) throws Throwable {
    try {
      ClassLoader netty = channel.getClass().getClassLoader();
      Class<?> keys = Class.forName("io.netty.util.AttributeKey", false, netty);
      Object persistent =
          keys.getMethod("valueOf", String.class).invoke(null, "$PERSISTENT_CHANNEL");
      if ((Boolean) channel.getClass().getMethod("hasAttr", keys).invoke(channel, persistent)) {
        Object attribute = channel.getClass().getMethod("attr", keys).invoke(channel, persistent);
        Class.forName("io.netty.util.Attribute", false, netty)
            .getMethod("set", Object.class)
            .invoke(attribute, false);
      }
      channel.getClass().getMethod("close").invoke(channel);
    } catch (InvocationTargetException e) {
      throw e.getTargetException();
    }
  }
}
