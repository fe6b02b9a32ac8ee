package org.keepaliveagent.telemetry;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jctools.queues.atomic.MpscAtomicArrayQueue;
import org.jspecify.annotations.Nullable;

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
  private static final long SAY_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final MpscAtomicArrayQueue<Object> ring;
  private final AtomicLong dropped = new AtomicLong();
  private final Consumer<String> messages;
  private final Thread thread;
  private volatile boolean closing;
  private volatile long closeBy;

  // Of the telemetry thread only.
  private boolean broken;
  private boolean complained;
  private long said;
  private long saidAt;

  private volatile @Nullable SpanExport export;

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

  /** Takes an attempt or an eviction. Any thread. */
  void offer(Object over) {
    if (closing || !ring.offer(over)) {
      dropped.incrementAndGet();
    }
  }

  long dropped() {
    return dropped.get();
  }

  long lost() {
    SpanExport open = export;
    return open == null ? 0 : open.lost();
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
      sayWhatIsLost(System.nanoTime());
      LockSupport.parkNanos(this, LOOK_NANOS);
    }
    drain();
    SpanExport open = export;
    if (open != null) {
      open.close(closeBy - System.nanoTime());
    }
  }

  private void drain() {
    for (Object over = ring.poll(); over != null; over = ring.poll()) {
      write(over);
    }
  }

  private void write(Object over) {
    if (broken) {
      dropped.incrementAndGet();
      return;
    }
    try {
      export().write(over);
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

  /** At most once a minute. A setting that the SDK rejects is said on its own, and only once. */
  private void sayWhatIsLost(long now) {
    long all = dropped.get() + lost();
    if (broken || all == said || (said != 0 && now - saidAt < SAY_NANOS)) {
      return;
    }
    said = all;
    saidAt = now;
    messages.accept(
        "spans are lost: "
            + dropped.get()
            + " attempts found no room or no exporter, at least "
            + lost()
            + " spans were not taken by the backend. Requests are served as before.");
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
