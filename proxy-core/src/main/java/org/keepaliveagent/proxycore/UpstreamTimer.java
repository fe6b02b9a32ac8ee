package org.keepaliveagent.proxycore;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells an exchange when its upstream has taken nothing of the request for {@code
 * proxy_send_timeout}, or sent nothing for {@code proxy_read_timeout} after it had the request;
 * time in which the exchange waits for its client does not count.
 */
final class UpstreamTimer implements Runnable {
  /** What an exchange waits for its upstream to do. */
  enum Awaited {
    NOTHING,
    TAKE,
    SEND
  }

  private final EventLoop loop;
  private final Exchange exchange;
  private Duration sendLimit = Duration.ZERO;
  private Duration readLimit = Duration.ZERO;
  private long progressNanos;
  private @Nullable ScheduledFuture<?> pending;

  UpstreamTimer(EventLoop loop, Exchange exchange) {
    this.loop = loop;
    this.exchange = exchange;
  }

  void start(Duration send, Duration read) {
    sendLimit = send;
    readLimit = read;
    restart();
  }

  /** Something else is awaited now. */
  void restart() {
    stop();
    progress();
    // What is awaited may change before it is looked at.
    schedule(Math.min(sendLimit.toNanos(), readLimit.toNanos()));
  }

  void progress() {
    progressNanos = System.nanoTime();
  }

  void stop() {
    if (pending != null) {
      pending.cancel(false);
      pending = null;
    }
  }

  /** What only the upstream can do to make the exchange go on. */
  private Awaited awaited() {
    if (exchange.connection() == null) {
      return Awaited.NOTHING;
    }
    Awaited awaited = exchange.body().awaited();
    boolean held = awaited == Awaited.SEND && !exchange.response().takesMore();
    return held ? Awaited.NOTHING : awaited;
  }

  @Override
  public void run() {
    Awaited awaited = awaited();
    boolean unsent = awaited == Awaited.TAKE;
    Duration limit = unsent ? sendLimit : readLimit;
    if (awaited == Awaited.NOTHING) {
      progress();
    }
    long leftNanos = limit.toNanos() - (System.nanoTime() - progressNanos);
    if (leftNanos > 0) {
      schedule(leftNanos);
    } else {
      pending = null;
      exchange.attemptFailed(UpstreamFailure.timedOut(unsent, limit));
    }
  }

  private void schedule(long delayNanos) {
    pending = loop.schedule(this, delayNanos, TimeUnit.NANOSECONDS);
  }
}
