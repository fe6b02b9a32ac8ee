package org.keepaliveagent.proxycore;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The opening of one connection to an upstream, for one exchange; with TLS the handshake is part of
 * it.
 */
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
  private final Duration limit;

  private @Nullable ChannelPromise encrypted;

  private ConnectAttempt(EventLoop loop, ConnectionPool pool, Exchange exchange, Duration limit) {
    this.loop = loop;
    this.pool = pool;
    this.exchange = exchange;
    this.limit = limit;
  }

  /** Begins it; the exchange is told of the end later, never within this call. */
  static Channel begin(EventLoop loop, ConnectionPool pool, Exchange exchange, Duration limit) {
    ConnectAttempt attempt = new ConnectAttempt(loop, pool, exchange, limit);
    pool.beginOpening();
    ChannelFuture future =
        new Bootstrap()
            .group(loop)
            .channel(Transport.socket())
            .option(ChannelOption.AUTO_READ, false)
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                (int) Math.min(Math.max(limit.toMillis(), 1), Integer.MAX_VALUE))
            .handler(attempt)
            .connect(pool.key().peer().address());
    boolean plain = pool.key().tls() == null;
    future.addListener(plain ? attempt : (ChannelFutureListener) attempt::connected);
    return future.channel();
  }

  @Override
  protected void initChannel(Channel channel) {
    boolean failOnMissingResponse = false; // We see that ourselves.
    UpstreamTls tls = pool.key().tls();
    ChannelPipeline pipeline = channel.pipeline();
    if (tls != null) {
      pipeline.addLast(tls.handler(pool.key().peer(), pool.key().tlsName()));
    }
    if (exchange.isCounted()) {
      pipeline.addLast(new ByteCount());
    }
    pipeline
        .addLast(new ResponseGuard())
        .addLast(new HttpClientCodec(CODEC, false, failOnMissingResponse));
    if (tls == null) {
      pipeline.addLast(new UpstreamHandler(pool, channel));
    } else {
      encrypted = channel.newPromise();
      encrypted.addListener(this);
      pipeline.addLast(new UpstreamHandshake(encrypted, limit));
    }
  }

  /** With TLS; what comes after a success the handshake's handler sees. */
  private void connected(ChannelFuture future) {
    if (!future.isSuccess() && encrypted != null) {
      encrypted.tryFailure(future.cause());
    } else if (!future.isSuccess()) {
      operationComplete(future);
    }
  }

  /** The connection can be used, or there is none. */
  @Override
  public void operationComplete(ChannelFuture future) {
    if (future.isSuccess()) {
      pool.doneOpening();
      if (encrypted != null) {
        future
            .channel()
            .pipeline()
            .replace(UpstreamHandshake.class, null, new UpstreamHandler(pool, future.channel()));
      }
      pool.opened(future.channel());
      exchange.connected(future.channel());
    } else {
      // Without a file descriptor there is no channel, and this thread is not the event loop.
      loop.execute(() -> failed(future));
    }
  }

  private void failed(ChannelFuture future) {
    pool.doneOpening();
    exchange.connectFailed(future.channel(), future.cause());
  }
}
