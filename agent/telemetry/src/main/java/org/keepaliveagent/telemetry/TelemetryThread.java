package org.keepaliveagent.telemetry;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jctools.queues.atomic.MpscAtomicArrayQueue;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.policy.Attempt;

/**
 * The thread {@code keepalive-telemetry} and the ring in front of it.
 *
 * <p>Nobody wakes the thread: it looks into the ring every {@link #LOOK_NANOS}. To unpark it would
 * cost the application's thread a system call for almost every attempt, since the thread is almost
 * always asleep; spans may be late, requests may not.
 */
final class TelemetryThread implements Runnable {
  static final String NAME = "keepalive-telemetry";
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final MpscAtomicArrayQueue<Attempt> ring;
  private final AtomicLong dropped = new AtomicLong();
  private final Consumer<String> messages;
  private final Thread thread;
  private volatile boolean closing;
  private volatile long closeBy;

  // Of the telemetry thread only.
  private @Nullable SpanExport export;
  private boolean broken;
  private boolean complained;

  TelemetryThread(int capacity, Consumer<String> messages) {
    this.ring = new MpscAtomicArrayQueue<>(capacity);
    this.messages = messages;
    this.thread = new Thread(this, NAME);
    thread.setDaemon(true);
    thread.setContextClassLoader(TelemetryThread.class.getClassLoader());
  }

  void start() {
    thread.start();
  }

  /** Any thread. */
  void offer(Attempt attempt) {
    if (closing || !ring.offer(attempt)) {
      dropped.incrementAndGet();
    }
  }

  long dropped() {
    return dropped.get();
  }

  /** Any thread; returns within the given time. */
  void close(long millis) {
    if (!closing) {
      closeBy = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
      closing = true;
    }
    LockSupport.unpark(thread);
    try {
      thread.join(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void run() {
    while (!closing) {
      drain();
      LockSupport.parkNanos(this, LOOK_NANOS);
    }
    drain();
    if (export != null) {
      export.close(closeBy - System.nanoTime());
    }
  }

  private void drain() {
    for (Attempt a = ring.poll(); a != null; a = ring.poll()) {
      write(a);
    }
  }

  private void write(Attempt attempt) {
    if (broken) {
      dropped.incrementAndGet();
      return;
    }
    try {
      export().write(attempt);
    } catch (Throwable t) {
      // A missing class of the SDK, a setting that it rejects, a fault of ours: all end here.
      broken = export == null;
      dropped.incrementAndGet();
      complain(t);
    }
  }

  private SpanExport export() {
    SpanExport open = export;
    if (open == null) {
      open = SpanExport.open();
      export = open;
    }
    return open;
  }

  private void complain(Throwable t) {
    if (!complained) {
      complained = true;
      messages.accept(
          (broken
                  ? "Spans are not exported, the OpenTelemetry SDK cannot be set up: "
                  : "A span was lost: ")
              + t
              + ". Requests are served and policies hold as before; lost spans are counted.");
    }
  }
}
