package org.keepaliveagent.telemetry;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Exports the metrics, where the settings name a place for them. Nothing of OpenTelemetry is loaded
 * before there is something to measure: the daemon {@code keepalive-metrics} waits for that, sets
 * the SDK up and ends; from then on the SDK's own thread reads.
 */
public final class Metrics implements AutoCloseable {
  static final String NAME = "keepalive-metrics";
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final String exporter;
  private final Supplier<List<Measurement>> measurements;
  private final BooleanSupplier anything;
  private final Consumer<String> messages;
  private final Thread thread = new Thread(this::run, NAME);
  private volatile boolean closing;
  private @Nullable MetricExport export;

  /**
   * Decides, once, whether metrics are exported.
   *
   * @param anything whether there is something to measure yet
   * @param messages takes what a person should read
   */
  public Metrics(
      Switch onOff,
      Supplier<List<Measurement>> measurements,
      BooleanSupplier anything,
      Consumer<String> messages) {
    this.exporter = MetricSwitch.exporter(onOff, new Settings());
    this.measurements = measurements;
    this.anything = anything;
    this.messages = messages;
    thread.setDaemon(true);
    thread.setContextClassLoader(Metrics.class.getClassLoader());
  }

  /** Starts the thread, if metrics are exported. Once, from a thread of the agent. */
  public void start() {
    if (!exporter.equals("none")) {
      thread.start();
    }
  }

  private void run() {
    while (!closing && !anything.getAsBoolean()) {
      LockSupport.parkNanos(this, LOOK_NANOS);
    }
    if (closing) {
      return;
    }
    try {
      opened(MetricExport.open(exporter, measurements));
    } catch (Throwable t) {
      // A missing class of the SDK, or a setting that it rejects.
      messages.accept(
          "Metrics are not exported, the OpenTelemetry SDK cannot be set up: "
              + t
              + ". Requests are served and policies hold as before.");
    }
  }

  private synchronized void opened(MetricExport opened) {
    if (closing) {
      opened.close(0);
    } else {
      export = opened;
    }
  }

  /** Exports once more and stops the SDK. Returns after about two seconds at the latest. */
  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(thread);
    MetricExport open;
    synchronized (this) {
      open = export;
      export = null;
    }
    if (open != null) {
      open.close(CLOSE_NANOS);
    }
  }
}
