package org.keepaliveagent.proxycore;

import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.SocketChannel;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a client's connection is doing, for {@code stub_status}, and for how long it may.
 *
 * <p>One timer at most is pending. It is not moved when the connection goes on: when it fires the
 * times are compared, and it is set again for what is left. So a request costs a look at the clock
 * and no timer. Where the client does not read, what is unsent is looked at when the timer fires,
 * and {@code send_timeout} is over when it has not become less since the last look: a client may
 * have up to twice the time.
 */
final class ClientState implements Runnable {
  private enum Doing {
    WAITING,
    READING,
    WRITING,
    CLOSED
  }

  private static final long NO_LIMIT = Long.MAX_VALUE;

  private final SocketChannel channel;
  private final ConnectionCounts counts;
  private final BooleanSupplier awaited;
  private final Runnable onSilence;
  private final Server server;
  private final long begunNanos = System.nanoTime();

  private ClientLimits current;

  private Doing doing = Doing.WAITING;
  private long limitNanos = NO_LIMIT;
  private long sinceNanos;
  private long seenUnsent;
  private @Nullable Future<?> timer;
  private long firesAtNanos;

  /**
   * @param server whose limits hold until a request tells which server it is for
   * @param awaited whether it is the client that has to do something
   * @param onSilence is run when a time is over
   */
  ClientState(
      SocketChannel channel,
      Server server,
      ConnectionCounts counts,
      BooleanSupplier awaited,
      Runnable onSilence) {
    this.channel = channel;
    this.server = server;
    this.counts = counts;
    this.awaited = awaited;
    this.onSilence = onSilence;
    current = server.outer().settings().limits();
  }

  /** The first request may come. */
  void begin() {
    counts.accepted();
    limit(server.headTimeout().toNanos());
  }

  /** From now on these hold, until a request comes to another location. */
  void limit(ClientLimits limits) {
    current = limits;
  }

  /** How old the connection is. */
  long ageNanos() {
    return System.nanoTime() - begunNanos;
  }

  /** The next request may come. */
  void waiting() {
    change(Doing.WAITING);
    limit(current.idle().toNanos());
  }

  /** Something has come; the start of a request, when one was waited for. */
  void reading() {
    if (doing == Doing.WAITING) {
      counts.asked();
      change(Doing.READING);
      limit(server.headTimeout().toNanos());
    }
  }

  /** The head of a request is here. */
  void writing() {
    if (doing != Doing.READING) {
      counts.asked();
    }
    change(Doing.WRITING);
    limitNanos = NO_LIMIT;
  }

  /** The client has to send more of a body. */
  void awaitsBody() {
    limit(current.body().toNanos());
  }

  /** It has sent what was awaited. */
  void progress() {
    if (limitNanos != NO_LIMIT) {
      sinceNanos = System.nanoTime();
    }
  }

  /** Nothing is awaited of the client but that it reads. */
  void awaitsNothing() {
    limitNanos = NO_LIMIT;
  }

  /** Something has been written: the client has to read it. */
  void written() {
    seenUnsent = 0;
    if (unsent() > 0) {
      fireWithin(current.send().toNanos(), System.nanoTime());
    }
  }

  void closed() {
    if (doing != Doing.CLOSED) {
      change(Doing.CLOSED);
      counts.closed();
    }
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }

  private void change(Doing next) {
    counts.reading(next == Doing.READING ? 1 : 0, doing == Doing.READING ? 1 : 0);
    counts.writing(next == Doing.WRITING ? 1 : 0, doing == Doing.WRITING ? 1 : 0);
    doing = next;
  }

  private void limit(long nanos) {
    limitNanos = nanos;
    sinceNanos = System.nanoTime();
    fireWithin(nanos, sinceNanos);
  }

  private void fireWithin(long nanos, long now) {
    if (timer != null && firesAtNanos - now > nanos) {
      timer.cancel(false);
      timer = null;
    }
    if (timer == null && channel.isOpen()) {
      timer = channel.eventLoop().schedule(this, nanos, TimeUnit.NANOSECONDS);
      firesAtNanos = now + nanos;
    }
  }

  /** The timer has fired. */
  @Override
  public void run() {
    timer = null;
    long now = System.nanoTime();
    long unsent = unsent();
    if (unsent > 0) {
      look(unsent, now);
      return;
    }
    if (limitNanos == NO_LIMIT) {
      return;
    }
    if (!awaited.getAsBoolean()) {
      sinceNanos = now;
    }
    long left = limitNanos - (now - sinceNanos);
    if (left > 0) {
      fireWithin(left, now);
    } else {
      onSilence.run();
    }
  }

  /** Nothing has been read by the client when as much is unsent as was at the last look. */
  private void look(long unsent, long now) {
    if (unsent == seenUnsent) {
      onSilence.run();
    } else {
      seenUnsent = unsent;
      sinceNanos = now; // What else is awaited of it has time until it has read this.
      fireWithin(current.send().toNanos(), now);
    }
  }

  /** How many bytes wait for the client. */
  private long unsent() {
    ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
    return out == null ? 0 : out.totalPendingWriteBytes();
  }
}
