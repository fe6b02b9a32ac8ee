package org.keepaliveagent.nettyhttp;

import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.adapter.Hook;

/**
 * Netty's {@code HttpClientCodec}, which every HTTP/1.1 client on Netty has in its pipelines: heads
 * that go out and come in, and how connections end. HTTP/2 does not pass through it.
 *
 * <p>A connection is its channel. What the codec knows of one stands in attributes of the channel,
 * where the adapter of a library above finds it, and leaves what only that knows:
 *
 * <pre>
 *   keepalive.exchange   set by a library's adapter before each request: it owns the connection,
 *                        leases, parks, and reports failures. Without one the exchange is the
 *                        channel, and the codec parks the connection at the end of a response
 *   keepalive.peer       whom it leads to, as an unresolved address; anything else: left alone
 *   keepalive.unused     set by a library's adapter where it took a parked connection, until something
 *                        is sent on it
 *   keepalive.busy       the exchange whose response has not ended
 *   keepalive.written    set once that exchange's request is written to its end
 *   keepalive.body       set where that request's head announces a body
 * </pre>
 *
 * <p>The codec does not see a connection being leased, so that alone it refuses none: the sweep
 * closes those whose time is over. It closes what may not be parked before the library above hears
 * of the response's end, which then does not keep it.
 */
public final class NettyHttpAdapter implements Adapter {
  private static final String CODEC = "io.netty.handler.codec.http.HttpClientCodec";
  private static final String DUPLEX = "io.netty.channel.CombinedChannelDuplexHandler";
  private static final String CONTEXT = "Lio/netty/channel/ChannelHandlerContext;";

  @Override
  public String name() {
    return "netty-http";
  }

  @Override
  public String versions() {
    return "4.1.53 to 4.2.19";
  }

  @Override
  public List<Hook> hooks() {
    return Arrays.asList(
        Hook.of(
            CODEC + "$Encoder",
            "encode",
            "(" + CONTEXT + "Ljava/lang/Object;Ljava/util/List;)V",
            RequestAdvice.Sending.class),
        Hook.of(
            CODEC + "$Decoder",
            "decode",
            "(" + CONTEXT + "Lio/netty/buffer/ByteBuf;Ljava/util/List;)V",
            ResponseAdvice.Responding.class),
        Hook.of(
            CODEC + "$Decoder",
            "channelInactive",
            "(" + CONTEXT + ")V",
            ResponseAdvice.Inactive.class),
        Hook.of(
            DUPLEX,
            "close",
            "(" + CONTEXT + "Lio/netty/channel/ChannelPromise;)V",
            ResponseAdvice.Close.class),
        Hook.of(
            DUPLEX,
            "exceptionCaught",
            "(" + CONTEXT + "Ljava/lang/Throwable;)V",
            ResponseAdvice.Failed.class));
  }

  @Override
  public List<String> packages() {
    return Collections.singletonList("io.netty.");
  }

  /** From any thread: the channel passes it to its event loop. */
  @Override
  public void close(Object channel) throws Throwable {
    try {
      channel.getClass().getMethod("close").invoke(channel);
    } catch (InvocationTargetException e) {
      throw e.getTargetException();
    }
  }
}
