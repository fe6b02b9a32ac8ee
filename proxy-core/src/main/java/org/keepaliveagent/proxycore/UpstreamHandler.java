package org.keepaliveagent.proxycore;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.ssl.SslCloseCompletionEvent;
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
  private final Channel connection;
  private @Nullable Exchange exchange;
  private boolean broken;
  private boolean closedHere;

  UpstreamHandler(ConnectionPool pool, Channel connection) {
    this.pool = pool;
    this.connection = connection;
  }

  static UpstreamHandler of(Channel connection) {
    return connection.pipeline().get(UpstreamHandler.class);
  }

  void attach(Exchange leasedTo) {
    exchange = leasedTo;
  }

  /** Something else than an exchange has the connection from now on. */
  void detach() {
    exchange = null;
  }

  /**
   * The exchange is done with the connection: it is parked, or closed.
   *
   * @param reusable whether nothing of the exchange is left on it
   */
  void release(boolean reusable) {
    exchange = null;
    if (reusable && ResponseGuard.of(connection).isClean()) {
      pool.park(connection);
    } else {
      connection.close();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (exchange == null) {
      ReferenceCountUtil.release(message);
      connection.close();
    } else {
      received(exchange, (HttpObject) message);
    }
  }

  private void received(Exchange by, HttpObject message) {
    if (message.decoderResult().isFailure()) {
      ReferenceCountUtil.release(message);
      Throwable cause = message.decoderResult().cause();
      by.attemptFailed(UpstreamFailure.unreadable(cause, connection, by.response().isFinal()));
    } else if (message instanceof HttpContent part) {
      by.response().content(part);
    } else if (message instanceof HttpResponse head) {
      int status = head.status().code();
      if (status < 200 && status != 101) {
        by.response().interim(head);
      } else {
        by.finalHead(connection, head);
      }
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

  /** The peer has ended TLS: that is the end, whether the connection is closed there or not. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslCloseCompletionEvent && !closedHere) {
      broken = true;
      ctx.close();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (exchange != null && connection.isWritable()) {
      exchange.upstreamWritable();
    }
  }

  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
    // After an error or the peer's FIN the connection has ended already, whoever closes it now.
    if (!broken && connection.isActive()) {
      closedHere = true;
    }
    ctx.close(promise);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    pool.closed(connection, !closedHere);
    if (exchange != null) {
      exchange.attemptFailed(UpstreamFailure.closed(exchange.response().isFinal()));
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    broken |= cause instanceof IOException;
    if (exchange == null) {
      connection.close();
    } else {
      exchange.attemptFailed(cause);
    }
  }
}
