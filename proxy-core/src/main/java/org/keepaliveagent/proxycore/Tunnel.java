package org.keepaliveagent.proxycore;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a client and its upstream are to each other after a 101: bytes both ways, each side read
 * while the other takes them. As in nginx, the end of one side, when what it sent has been passed
 * on, is the end of both; and so is silence of both for {@code proxy_read_timeout}.
 *
 * <p>A 101 to a request that asked for no upgrade is a response until the upstream ends, as in
 * nginx; what the client sends meanwhile is dropped, and its connection ends too.
 */
@SuppressWarnings("FutureReturnValueIgnored") // See package-info.
final class Tunnel implements Runnable {
  private final Channel client;
  private final Channel upstream;
  private final boolean asked;
  private final long limitNanos;
  private long progressNanos = System.nanoTime();
  private @Nullable ScheduledFuture<?> pending;

  private Tunnel(Channel client, Channel upstream, boolean asked, Duration limit) {
    this.client = client;
    this.upstream = upstream;
    this.asked = asked;
    limitNanos = limit.toNanos();
  }

  /**
   * Takes the place of HTTP on both connections; what has come in on them behind the 101 goes
   * through.
   *
   * @param asked whether the request asked for an upgrade
   * @param limit for how long neither side may send anything
   */
  static void open(Channel client, Channel upstream, boolean asked, Duration limit) {
    Tunnel tunnel = new Tunnel(client, upstream, asked, limit);
    tunnel.schedule(tunnel.limitNanos);
    tunnel.take(client, ClientHandler.class, RequestGuard.class, tunnel.new End(client, upstream));
    tunnel.take(
        upstream, UpstreamHandler.class, ResponseGuard.class, tunnel.new End(upstream, client));
    client.read();
    upstream.read();
  }

  /** Puts the end before the last handler, and takes out the guard and the codec behind it. */
  private void take(
      Channel channel,
      Class<? extends ChannelInboundHandlerAdapter> last,
      Class<? extends FramingGuard> guard,
      End end) {
    ChannelPipeline pipeline = channel.pipeline();
    pipeline.addBefore(pipeline.context(last).name(), null, end);
    String codec =
        pipeline.names().get(pipeline.names().indexOf(pipeline.context(guard).name()) + 1);
    pipeline.remove(codec);
    pipeline.remove(guard);
  }

  private void schedule(long delayNanos) {
    pending = client.eventLoop().schedule(this, delayNanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void run() {
    long leftNanos = limitNanos - (System.nanoTime() - progressNanos);
    if (leftNanos > 0) {
      schedule(leftNanos);
    } else {
      client.close();
      upstream.close();
    }
  }

  /** One of the two connections. */
  private final class End extends ChannelInboundHandlerAdapter {
    private final Channel from;
    private final Channel to;

    End(Channel from, Channel to) {
      this.from = from;
      this.to = to;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      progressNanos = System.nanoTime();
      // The codec may still have the end of the 101.
      if (message instanceof ByteBuf bytes && (asked || from == upstream)) {
        to.write(bytes, to.voidPromise());
      } else {
        ReferenceCountUtil.release(message);
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      to.flush();
      if (to.isWritable()) {
        from.read();
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      progressNanos = System.nanoTime();
      if (from.isWritable()) {
        to.read();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      if (pending != null) {
        pending.cancel(false);
      }
      to.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
      ctx.fireChannelInactive();
    }
  }
}
