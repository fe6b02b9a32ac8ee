package org.keepaliveagent.nettyhttp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.bytebuddy.asm.Advice;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.adapter.Hook;
import org.keepaliveagent.hooks.KeepaliveHooks;

/**
 * Netty's HTTP/1.1 client codec, which every client on Netty has in its pipeline: what a request
 * and a response say, and how a connection ends. Which connection is leased, and what is tried
 * again, their own pools decide; those have adapters of their own.
 *
 * <p>A connection is a channel; an exchange is what the channel's attribute {@code
 * keepalive.exchange} names when the request is written, else the channel. Advice on the codec and
 * no handler of our own, so that channels count that were in a pool before the agent came.
 */
public final class NettyHttpAdapter implements Adapter {
  private static final String CODEC = "io.netty.handler.codec.http.HttpClientCodec";
  private static final String CONTEXT = "Lio/netty/channel/ChannelHandlerContext;";

  @Override
  public String name() {
    return "netty-http";
  }

  @Override
  public String versions() {
    return "4.1.112 to 4.2.17";
  }

  @Override
  public List<Hook> hooks() {
    return Arrays.asList(
        Hook.of(
            CODEC + "$Encoder",
            "encode",
            "(" + CONTEXT + "Ljava/lang/Object;Ljava/util/List;)V",
            Sending.class),
        Hook.of(
            CODEC + "$Decoder",
            "decode",
            "(" + CONTEXT + "Lio/netty/buffer/ByteBuf;Ljava/util/List;)V",
            Responding.class),
        Hook.of(CODEC + "$Decoder", "channelInactive", "(" + CONTEXT + ")V", Inactive.class),
        Hook.of(
            "io.netty.channel.CombinedChannelDuplexHandler",
            "close",
            "(" + CONTEXT + "Lio/netty/channel/ChannelPromise;)V",
            Closing.class),
        Hook.of(
            "io.netty.channel.CombinedChannelDuplexHandler",
            "userEventTriggered",
            "(" + CONTEXT + "Ljava/lang/Object;)V",
            TlsEvent.class));
  }

  @Override
  public void close(Object connection) throws ReflectiveOperationException {
    // The library is not visible from here. Any thread may; it is done on the channel's own.
    connection.getClass().getMethod("close").invoke(connection);
  }

  /**
   * A request's head is about to be written. One that opens a tunnel or asks for another protocol
   * is no exchange of this kind, and its headers are its own.
   */
  public static final class Sending {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.Argument(0) ChannelHandlerContext context, @Advice.Argument(1) Object message) {
      Channel channel = context.channel();
      if (!(message instanceof HttpRequest)
          || !(channel.remoteAddress() instanceof InetSocketAddress)) {
        return;
      }
      HttpRequest request = (HttpRequest) message;
      HttpHeaders headers = request.headers();
      if (request.method().equals(HttpMethod.CONNECT) || headers.contains("Upgrade")) {
        return;
      }
      InetSocketAddress peer = (InetSocketAddress) channel.remoteAddress();
      KeepaliveHooks.opened(
          channel,
          "netty-http",
          context.pipeline().get(SslHandler.class) == null ? "http" : "https",
          peer.getHostString(),
          peer.getPort());
      Object exchange = channel.attr(AttributeKey.valueOf("keepalive.exchange")).getAndSet(null);
      String traceparent = headers.get("traceparent");
      KeepaliveHooks.sending(
          channel,
          exchange == null ? channel : exchange,
          request.method().name(),
          traceparent == null ? headers.get("b3") : traceparent,
          headers.contains("Idempotency-Key"));
      if (request.protocolVersion().equals(HttpVersion.HTTP_1_0)
          && KeepaliveHooks.mustSendHttp11(channel)) {
        request.setProtocolVersion(HttpVersion.HTTP_1_1);
      }
      if (KeepaliveHooks.maySendAll(channel)) {
        return;
      }
      String nominated = headers.get("Connection");
      for (Map.Entry<String, String> header : headers.entries()) {
        if (!KeepaliveHooks.maySend(channel, header.getKey(), header.getValue(), nominated)) {
          headers.remove(header.getKey());
        }
      }
      String[] set = KeepaliveHooks.headersToSet(channel);
      for (int i = 0; set != null && i < set.length; i += 2) {
        headers.add(set[i], set[i + 1]);
      }
    }
  }

  /** Bytes have come; what they make of a message is in the list then. */
  public static final class Responding {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static int enter(
        @Advice.Argument(0) ChannelHandlerContext context,
        @Advice.Argument(1) ByteBuf bytes,
        @Advice.Argument(2) List<Object> messages) {
      if (bytes.isReadable()) {
        KeepaliveHooks.responseBegun(context.channel());
      }
      return messages.size();
    }

    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.Enter int before,
        @Advice.Argument(0) ChannelHandlerContext context,
        @Advice.Argument(2) List<Object> messages) {
      for (int i = before; i < messages.size(); i++) {
        if (messages.get(i) instanceof HttpResponse) {
          HttpResponse response = (HttpResponse) messages.get(i);
          int status = response.status().code();
          if (status >= 200 && response.decoderResult().isSuccess()) {
            KeepaliveHooks.responding(
                context.channel(),
                status,
                response.protocolVersion().equals(HttpVersion.HTTP_1_0),
                response.headers().get("Connection"),
                response.headers().get("Keep-Alive"));
          }
        }
      }
    }
  }

  /** The channel is closed; by the peer, unless this side has said before that it closes it. */
  public static final class Inactive {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(@Advice.Argument(0) ChannelHandlerContext context) {
      KeepaliveHooks.closed(context.channel(), true);
    }
  }

  /**
   * A handshake is over; or TLS has ended, by the peer unless this side did before: clients close
   * the channel then.
   */
  public static final class TlsEvent {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This Object handler,
        @Advice.Argument(0) ChannelHandlerContext context,
        @Advice.Argument(1) Object event) {
      if (!(handler instanceof HttpClientCodec)) {
        return;
      }
      Channel channel = context.channel();
      if (event instanceof SslCloseCompletionEvent) {
        KeepaliveHooks.closed(channel, true);
      } else if (event instanceof SslHandshakeCompletionEvent
          && ((SslHandshakeCompletionEvent) event).isSuccess()
          && channel.remoteAddress() instanceof InetSocketAddress) {
        InetSocketAddress peer = (InetSocketAddress) channel.remoteAddress();
        KeepaliveHooks.secured(
            peer.getHostString(),
            peer.getPort(),
            context.pipeline().get(SslHandler.class).engine().getSession());
      }
    }
  }

  /** This side closes the channel. */
  public static final class Closing {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This Object handler, @Advice.Argument(0) ChannelHandlerContext context) {
      if (handler instanceof HttpClientCodec) {
        KeepaliveHooks.closed(context.channel(), false);
      }
    }
  }
}
