package org.keepaliveagent.proxycore;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells an exchange when its upstream has made no progress for {@code proxy_read_timeout}; time in
 * which the exchange waits for its client does not count.
 */
final class ReadTimer implements Runnable {
  private final EventLoop loop;
  private final Exchange exchange;
  private long limitNanos;
  private long progressNanos;
  private @Nullable ScheduledFuture<?> pending;

  ReadTimer(EventLoop loop, Exchange exchange) {
    this.loop = loop;
    this.exchange = exchange;
  }

  void start(Duration limit) {
    limitNanos = limit.toNanos();
    progress();
    schedule(limitNanos);
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

  @Override
  public void run() {
    if (!exchange.awaitsUpstream()) {
      progress();
    }
    long leftNanos = limitNanos - (System.nanoTime() - progressNanos);
    if (leftNanos > 0) {
      schedule(leftNanos);
    } else {
      pending = null;
      exchange.timedOut(Duration.ofNanos(limitNanos));
    }
  }

  private void schedule(long delayNanos) {
    pending = loop.schedule(this, delayNanos, TimeUnit.NANOSECONDS);
  }
}
