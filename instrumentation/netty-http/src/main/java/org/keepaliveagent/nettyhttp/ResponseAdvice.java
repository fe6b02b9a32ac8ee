package org.keepaliveagent.nettyhttp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.Attribute;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import net.bytebuddy.asm.Advice;
import org.keepaliveagent.hooks.KeepaliveHooks;

/** What comes in through the codec, and how connections end. */
final class ResponseAdvice {
  private ResponseAdvice() {}

  /** Bytes have arrived. */
  public static final class Responding {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static int enter(
        @Advice.Argument(0) ChannelHandlerContext context,
        @Advice.Argument(1) ByteBuf arrived,
        @Advice.Argument(2) List<?> decoded) {
      Channel channel = context.channel();
      if (arrived.isReadable()
          && channel.attr(AttributeKey.<Object>valueOf("keepalive.peer")).get()
              instanceof InetSocketAddress) {
        if (channel.attr(AttributeKey.<Object>valueOf("keepalive.busy")).get() == null) {
          // Nobody asked for them: what follows would be taken for the next response.
          KeepaliveHooks.closed(channel, true);
        } else {
          KeepaliveHooks.responseBegun(channel);
        }
      }
      return decoded.size();
    }

    @Advice.OnMethodExit(suppress = Throwable.class)
    @SuppressWarnings("FutureReturnValueIgnored") // closing tells of its end by channelInactive
    public static void exit(
        @Advice.Enter int before,
        @Advice.Argument(0) ChannelHandlerContext context,
        @Advice.Argument(2) List<?> decoded) {
      Channel channel = context.channel();
      Attribute<Object> busy = channel.attr(AttributeKey.<Object>valueOf("keepalive.busy"));
      boolean interim = false;
      for (int i = before; i < decoded.size() && busy.get() != null; i++) {
        Object part = decoded.get(i);
        if (part instanceof HttpResponse && ((HttpResponse) part).decoderResult().isSuccess()) {
          HttpResponse response = (HttpResponse) part;
          int status = response.status().code();
          // After 101 the connection is no longer HTTP's: that exchange never ends.
          interim = status < 200;
          if (!interim || status == 101) {
            KeepaliveHooks.responding(
                channel,
                status,
                !response.protocolVersion().isKeepAliveDefault(),
                response.headers().containsValue("connection", "close", true) ? "close" : null,
                response.headers().get("keep-alive"));
          }
        }
        if (part instanceof LastHttpContent
            && !interim
            && ((LastHttpContent) part).decoderResult().isSuccess()) {
          if (busy.get() != channel) {
            busy.set(null);
          } else if (channel.attr(AttributeKey.<Object>valueOf("keepalive.written")).get()
              != null) {
            busy.set(null);
            if (!KeepaliveHooks.mayPark(channel)) {
              channel.close();
            }
          }
        }
      }
    }
  }

  /** The transport is gone, and whoever closed it did not come by here. */
  public static final class Inactive {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(@Advice.Argument(0) ChannelHandlerContext context) {
      Channel channel = context.channel();
      if (channel.attr(AttributeKey.<Object>valueOf("keepalive.peer")).get()
          instanceof InetSocketAddress) {
        KeepaliveHooks.closed(channel, true);
        if (channel.attr(AttributeKey.<Object>valueOf("keepalive.busy")).get() == channel) {
          KeepaliveHooks.failed(channel, new ClosedChannelException());
        }
      }
    }
  }

  /** This side closes the transport. */
  public static final class Close {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This Object handler, @Advice.Argument(0) ChannelHandlerContext context) {
      Channel channel = context.channel();
      if (handler instanceof HttpClientCodec
          && channel.attr(AttributeKey.<Object>valueOf("keepalive.peer")).get()
              instanceof InetSocketAddress) {
        // After the peer's end of TLS this is but the answer to it.
        SslHandler tls = context.pipeline().get(SslHandler.class);
        KeepaliveHooks.closed(channel, tls != null && tls.engine().isInboundDone());
        channel.attr(AttributeKey.<Object>valueOf("keepalive.busy")).set(null);
      }
    }
  }

  /** The transport has failed, or a handler below gives up waiting. */
  public static final class Failed {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This Object handler,
        @Advice.Argument(0) ChannelHandlerContext context,
        @Advice.Argument(1) Throwable cause) {
      Channel channel = context.channel();
      if (handler instanceof HttpClientCodec
          && channel.attr(AttributeKey.<Object>valueOf("keepalive.busy")).get() == channel) {
        KeepaliveHooks.failed(channel, cause);
      }
    }
  }
}
