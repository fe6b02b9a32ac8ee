package org.keepaliveagent.proxycore;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import java.time.Duration;

/** The opening of one connection to an upstream, for one exchange. */
final class ConnectAttempt extends ChannelInitializer<Channel> implements ChannelFutureListener {
  /** For the codec, which adds to it. */
  private static final int UNLIMITED = Integer.MAX_VALUE / 2;

  /** The head's size is the guard's to judge. */
  private static final HttpDecoderConfig CODEC =
      new HttpDecoderConfig()
          .setMaxInitialLineLength(UNLIMITED)
          .setMaxHeaderSize(UNLIMITED)
          .setMaxChunkSize(64 * 1024);

  private final EventLoop loop;
  private final ConnectionPool pool;
  private final Exchange exchange;

  private ConnectAttempt(EventLoop loop, ConnectionPool pool, Exchange exchange) {
    this.loop = loop;
    this.pool = pool;
    this.exchange = exchange;
  }

  /** Begins it; the exchange is told of the end later, never within this call. */
  static Channel begin(EventLoop loop, ConnectionPool pool, Exchange exchange, Duration limit) {
    ConnectAttempt attempt = new ConnectAttempt(loop, pool, exchange);
    ChannelFuture future =
        new Bootstrap()
            .group(loop)
            .channel(Transport.socket())
            .option(ChannelOption.AUTO_READ, false)
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                (int) Math.min(Math.max(limit.toMillis(), 1), Integer.MAX_VALUE))
            .handler(attempt)
            .connect(pool.peer().address());
    future.addListener(attempt);
    return future.channel();
  }

  @Override
  protected void initChannel(Channel channel) {
    boolean failOnMissingResponse = false; // We see that ourselves.
    ChannelPipeline pipeline = channel.pipeline();
    if (exchange.isCounted()) {
      pipeline.addLast(new ByteCount());
    }
    pipeline
        .addLast(new ResponseGuard())
        .addLast(new HttpClientCodec(CODEC, false, failOnMissingResponse))
        .addLast(new UpstreamHandler(pool, channel));
  }

  @Override
  public void operationComplete(ChannelFuture future) {
    if (future.isSuccess()) {
      pool.opened(future.channel());
      exchange.connected(future.channel());
    } else {
      // Without a file descriptor there is no channel, and this thread is not the event loop.
      loop.execute(() -> exchange.connectFailed(future.channel(), future.cause()));
    }
  }
}
