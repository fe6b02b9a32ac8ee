package org.keepaliveagent.proxycore;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.EventExecutorGroup;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * The clients and upstream connections of one configuration, like the worker processes that nginx
 * starts for each: after a reload the old ones end their exchanges while the new ones take the new
 * clients.
 */
@SuppressWarnings("FutureReturnValueIgnored") // See package-info.
final class Generation {
  private final ChannelGroup clients;
  private final Map<EventLoop, Worker> workers = new HashMap<>();
  private volatile boolean stopping;

  /**
   * @param counts of all generations
   */
  Generation(EventExecutorGroup loops, ConnectionCounts counts) {
    clients = new DefaultChannelGroup(loops.next());
    for (EventExecutor executor : loops) {
      EventLoop loop = (EventLoop) executor;
      workers.put(loop, new Worker(loop, clients, counts, () -> stopping));
    }
  }

  Worker worker(EventLoop loop) {
    return Objects.requireNonNull(workers.get(loop));
  }

  Map<EventLoop, Worker> workers() {
    return workers;
  }

  ChannelGroup clients() {
    return clients;
  }

  /** Lets each client have its answer and sends it away, parks nothing any more; does not wait. */
  void retire() {
    stopping = true;
    for (Channel client : clients) {
      client.pipeline().fireUserEventTriggered(ClientHandler.STOP);
    }
    workers.forEach((loop, worker) -> loop.execute(worker::retire));
  }

  /** Whether it is retired and has no client any more. */
  boolean isOver() {
    return stopping && clients.isEmpty();
  }

  /** Waits for the clients of a retired generation, and closes what is left after the limit. */
  void end(long limit, TimeUnit unit) {
    clients.newCloseFuture().awaitUninterruptibly(limit, unit);
    clients.close().awaitUninterruptibly();
    workers.forEach((loop, worker) -> loop.submit(worker::close).awaitUninterruptibly());
  }
}
