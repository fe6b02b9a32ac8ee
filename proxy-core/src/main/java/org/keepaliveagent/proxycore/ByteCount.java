package org.keepaliveagent.proxycore;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.FileRegion;
import org.jspecify.annotations.Nullable;

/** Counts the bytes of a connection, both ways; there only where an {@link Account} is kept. */
@SuppressWarnings("FutureReturnValueIgnored") // See package-info.
final class ByteCount extends ChannelDuplexHandler {
  private long received;
  private long sent;

  /** Null where nothing is counted. */
  static @Nullable ByteCount of(Channel channel) {
    return channel.pipeline().get(ByteCount.class);
  }

  long received() {
    return received;
  }

  /** What was given to the connection: the last of it may still be on its way. */
  long sent() {
    return sent;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ByteBuf bytes) {
      received += bytes.readableBytes();
    }
    ctx.fireChannelRead(message);
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (ctx.channel().isActive()) {
      sent += message instanceof ByteBuf bytes ? bytes.readableBytes() : 0;
      sent += message instanceof FileRegion file ? file.count() : 0;
    }
    ctx.write(message, promise);
  }
}
