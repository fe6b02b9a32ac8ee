package org.keepaliveagent.telemetry;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.policy.Attempt;
import org.keepaliveagent.policy.Eviction;

/**
 * Draws one attempt as spans, after it is over:
 *
 * <pre>
 * (header)
 *  ├ upstream GET              every attempt
 *  │  ├ connection reuse       or connection open
 *  │  └ connection reset       if it died
 *  └ request retry             if it repeats another one, which it links to
 *     └ upstream GET
 * (no caller)
 *  └ connection evict          a parked connection that is no longer kept; links to its last attempt
 * </pre>
 *
 * The telemetry thread only.
 */
final class AttemptSpans {
  /** Failed attempts whose repetition may still come, and connections that may be evicted. */
  private static final int REMEMBERED = 4096;

  private final SpanDraft draft;
  private final boolean otherTracer;

  /** From an attempt's number to its span. */
  private final Map<Long, Object> failed = new Recent();

  /** From a connection's number to the span of its last attempt. */
  private final Map<Long, Object> last = new Recent();

  /**
   * Draws for one writer.
   *
   * @param writer a {@link org.keepaliveagent.extension.SpanWriter}, of whatever class loader
   * @param otherTracer whether another tracer of this process writes the header, and with it the
   *     client span
   */
  AttemptSpans(Function<Object[], Object> writer, boolean otherTracer) {
    this.draft = new SpanDraft(writer);
    this.otherTracer = otherTracer;
  }

  /** Writes the attempt's spans. */
  void write(Attempt a, WallClock clock) {
    AttemptTimes times = new AttemptTimes(a, clock);
    String header = parent(a.traceparent);
    if (a.retryOf == 0) {
      upstream(a, times, header);
    } else {
      draft.begin("request retry", header, times.decided, times.ended);
      AttemptAttributes.retry(a, draft.link(failed.remove(a.retryOf)));
      upstream(a, times, draft.write());
    }
  }

  /** Writes the span of a connection that is no longer kept: the time that it was parked. */
  void write(Eviction e, WallClock clock) {
    long end = clock.epochNanos(e.endedAt);
    long start = Math.min(clock.epochNanos(e.parkedAt), end);
    draft.begin("connection evict", null, start, end).link(last.remove(e.connectionId));
    AttemptAttributes.evict(e, draft);
    draft.write();
  }

  /** The caller's span as a {@code traceparent}; {@code null} without a valid header. */
  private static @Nullable String parent(@Nullable String header) {
    if (header != null && Traceparent.valid(header)) {
      return header;
    }
    if (header != null && B3.valid(header)) {
      return Traceparent.of(
          B3.traceId(header), B3.spanId(header), B3.sampled(header) ? "01" : "00");
    }
    return null;
  }

  private void upstream(Attempt a, AttemptTimes times, @Nullable Object parent) {
    boolean error = AttemptAttributes.errorType(a) != null;
    draft.begin(AttemptAttributes.name(a), parent, times.started, times.ended);
    draft.client(!otherTracer || a.traceparent == null).error(error);
    AttemptAttributes.upstream(a, draft);
    Object written = draft.write();
    connection(a, times, written);
    if (a.errorType != null) {
      draft.begin("connection reset", written, times.last, times.ended).error(true);
      AttemptAttributes.reset(a, draft);
      draft.write();
    }
    if (error) {
      failed.put(a.id, written);
    }
    if (a.connectionId != 0) {
      last.put(a.connectionId, written);
    }
  }

  private void connection(Attempt a, AttemptTimes times, Object parent) {
    if (a.reused || a.openedAt != 0) {
      String name = a.reused ? "connection reuse" : "connection open";
      AttemptAttributes.connection(a, draft.begin(name, parent, times.started, times.sent));
      draft.write();
    }
  }

  /** The latest of them: what was put first is forgotten first. */
  private static final class Recent extends LinkedHashMap<Long, Object> {
    private static final long serialVersionUID = 1;

    @Override
    public @Nullable Object put(Long number, Object span) {
      remove(number);
      return super.put(number, span);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<Long, Object> eldest) {
      return size() > REMEMBERED;
    }
  }
}
