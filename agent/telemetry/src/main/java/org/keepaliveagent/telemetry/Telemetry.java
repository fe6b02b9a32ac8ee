package org.keepaliveagent.telemetry;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.policy.Attempt;
import org.keepaliveagent.policy.Events;
import org.keepaliveagent.policy.Eviction;

/**
 * The module's front door: takes attempts from the application's threads and exports them as spans.
 *
 * <pre>
 * application's threads          keepalive-telemetry
 * attempt(a) ─▶ bounded ring ─▶ AttemptSpans ─▶ SDK ─▶ exporter
 *               full: dropped, counted
 * </pre>
 *
 * <p>The runtime calls {@link #start} once and {@link #close} from its JVM shutdown hook. Nothing
 * of OpenTelemetry is loaded before the first attempt has been taken. Where the SDK cannot be set
 * up, that is said once, and attempts are dropped and counted from then on.
 */
public final class Telemetry implements Events, AutoCloseable {
  /** Attempts that wait for the telemetry thread, which looks ten times a second. */
  public static final int DEFAULT_CAPACITY = 4096;

  private static final long CLOSE_MILLIS = 2000;

  private final SpanChoice choice;
  private final @Nullable TelemetryThread thread;

  /** As the other constructor, with {@link #DEFAULT_CAPACITY}. */
  public Telemetry(Switch onOff, SpanChoice choice, Consumer<String> messages) {
    this(onOff, choice, DEFAULT_CAPACITY, messages);
  }

  /**
   * Decides, once, whether telemetry is on.
   *
   * @param capacity attempts that may wait; rounded up to a power of two
   * @param messages takes what a person should read; called on the telemetry thread
   */
  public Telemetry(Switch onOff, SpanChoice choice, int capacity, Consumer<String> messages) {
    this.choice = choice;
    boolean lent = onOff != Switch.OFF && OtelAgent.spans() != null;
    boolean on = choice != SpanChoice.OFF && (lent || onOff.isOn(new Settings()));
    thread = on ? new TelemetryThread(capacity, messages) : null;
  }

  /**
   * Starts the telemetry thread, if telemetry is on. Once, from a thread of the agent: a thread
   * inherits its starter's thread group and inheritable thread-locals, and those of an application
   * would then never be collected.
   */
  public void start() {
    if (thread != null) {
      thread.start();
    }
  }

  /**
   * Whether an attempt with this header is recorded: always without one (the SDK's sampler decides
   * about our own root), else only when the caller's trace is sampled. Any thread; no allocation.
   */
  @Override
  public boolean wants(@Nullable String traceparent) {
    return thread != null
        && (traceparent == null || Traceparent.sampled(traceparent) || B3.sampled(traceparent));
  }

  /** Hands the attempt on. Any thread; no lock, no waiting, no system call, never throws. */
  @Override
  public void attempt(Attempt attempt) {
    if (thread != null && choice.takes(attempt)) {
      thread.offer(attempt);
    }
  }

  /** Likewise; only where spans are made of all that happens. */
  @Override
  public void evicted(Eviction eviction) {
    if (thread != null && choice == SpanChoice.ALL) {
      thread.offer(eviction);
    }
  }

  /**
   * Attempts that became no span: the ring was full, the SDK could not be set up, or telemetry was
   * closed.
   */
  public long dropped() {
    return thread == null ? 0 : thread.dropped();
  }

  /** Spans that the backend did not take, as far as the SDK tells: never more than there were. */
  public long lost() {
    return thread == null ? 0 : thread.lost();
  }

  /**
   * Exports what waits and shuts the SDK down. Returns after two seconds at the latest; what was
   * not exported by then is lost, uncounted. Attempts from now on are dropped. May be called again.
   */
  @Override
  public void close() {
    if (thread != null) {
      thread.close(CLOSE_MILLIS);
    }
  }
}
