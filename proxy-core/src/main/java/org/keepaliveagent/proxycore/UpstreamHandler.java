package org.keepaliveagent.proxycore;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpObject;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The end of an upstream connection's pipeline: passes its events to the exchange it is leased to.
 *
 * <p>While parked, one read is pending, so that the end of the connection is noticed. A message
 * that nobody asked for ends the connection.
 */
@SuppressWarnings("FutureReturnValueIgnored") // See package-info.
final class UpstreamHandler extends ChannelDuplexHandler {
  private final ConnectionPool pool;
  private @Nullable Exchange exchange;
  private boolean broken;
  private boolean closedHere;

  UpstreamHandler(ConnectionPool pool) {
    this.pool = pool;
  }

  static UpstreamHandler of(Channel connection) {
    return connection.pipeline().get(UpstreamHandler.class);
  }

  ConnectionPool pool() {
    return pool;
  }

  void attach(Exchange leasedTo) {
    exchange = leasedTo;
  }

  void detach() {
    exchange = null;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (exchange == null) {
      ReferenceCountUtil.release(message);
      ctx.channel().close();
    } else {
      exchange.received(ctx.channel(), (HttpObject) message);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (exchange == null) {
      ctx.read();
    } else {
      exchange.upstreamReadComplete();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (exchange != null && ctx.channel().isWritable()) {
      exchange.upstreamWritable();
    }
  }

  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
    // After an error or the peer's FIN the connection has ended already, whoever closes it now.
    if (!broken && ctx.channel().isActive()) {
      closedHere = true;
    }
    ctx.close(promise);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    pool.closed(ctx.channel(), !closedHere);
    if (exchange != null) {
      exchange.lost();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    broken |= cause instanceof IOException;
    if (exchange == null) {
      ctx.channel().close();
    } else {
      exchange.failed(cause);
    }
  }
}
