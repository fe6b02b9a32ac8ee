package org.keepaliveagent.proxycore;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The end of an upstream connection's pipeline until its TLS handshake is over: one time limit from
 * the start of connecting, as in nginx.
 */
@SuppressWarnings("FutureReturnValueIgnored") // See package-info.
final class UpstreamHandshake extends ChannelInboundHandlerAdapter {
  private final ChannelPromise done;
  private final Duration limit;
  private @Nullable Future<?> timer;

  /**
   * @param done is told how it ends
   */
  UpstreamHandshake(ChannelPromise done, Duration limit) {
    this.done = done;
    this.limit = limit;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    timer = ctx.executor().schedule(() -> timedOut(ctx), limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    if (timer != null) {
      timer.cancel(false);
    }
  }

  private void timedOut(ChannelHandlerContext ctx) {
    String message = "not connected with TLS within " + limit.toMillis() + " ms";
    fail(ctx, new ConnectTimeoutException(message));
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent end) {
      if (end.isSuccess()) {
        done.trySuccess();
      } else {
        fail(ctx, end.cause());
      }
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    fail(ctx, cause);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    fail(ctx, new ClosedChannelException());
  }

  private void fail(ChannelHandlerContext ctx, Throwable cause) {
    if (done.tryFailure(cause)) {
      ctx.close();
    }
  }
}
