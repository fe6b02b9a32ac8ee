package org.keepaliveagent.telemetry;

import java.util.LinkedHashMap;
import java.util.Map;
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

  private final Spans spans;
  private final boolean otherTracer;

  /** From an attempt's number to its span. */
  private final Map<Long, String> failed = new Recent();

  /** From a connection's number to the span of its last attempt. */
  private final Map<Long, String> last = new Recent();

  /**
   * @param otherTracer whether another tracer of this process writes the header, and with it the
   *     client span
   */
  AttemptSpans(Spans spans, boolean otherTracer) {
    this.spans = spans;
    this.otherTracer = otherTracer;
  }

  /** Writes the attempt's spans. */
  void write(Attempt a, WallClock clock) {
    AttemptTimes times = new AttemptTimes(a, clock);
    String header = parent(a.traceparent);
    if (a.retryOf == 0) {
      upstream(a, times, header, header != null);
    } else {
      SpanRecord retry = new SpanRecord("request retry", header, times.decided, times.ended);
      retry.remote = header != null;
      retry.link = failed.remove(a.retryOf);
      AttemptAttributes.retry(a, retry);
      upstream(a, times, spans.write(retry), false);
    }
  }

  /** Writes the span of a connection that is no longer kept: the time that it was parked. */
  void write(Eviction e, WallClock clock) {
    long end = clock.epochNanos(e.endedAt);
    long start = Math.min(clock.epochNanos(e.parkedAt), end);
    SpanRecord evict = new SpanRecord("connection evict", null, start, end);
    evict.link = last.remove(e.connectionId);
    AttemptAttributes.evict(e, evict);
    spans.write(evict);
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

  private void upstream(Attempt a, AttemptTimes times, @Nullable String parent, boolean remote) {
    SpanRecord upstream =
        new SpanRecord(AttemptAttributes.name(a), parent, times.started, times.ended);
    upstream.remote = remote;
    upstream.client = !otherTracer || a.traceparent == null;
    upstream.error = AttemptAttributes.errorType(a) != null;
    AttemptAttributes.upstream(a, upstream);
    String written = spans.write(upstream);
    connection(a, times, written);
    if (a.errorType != null) {
      SpanRecord reset = new SpanRecord("connection reset", written, times.last, times.ended);
      reset.error = true;
      AttemptAttributes.reset(a, reset);
      spans.write(reset);
    }
    if (upstream.error) {
      failed.put(a.id, written);
    }
    if (a.connectionId != 0) {
      last.put(a.connectionId, written);
    }
  }

  private void connection(Attempt a, AttemptTimes times, String parent) {
    if (a.reused || a.openedAt != 0) {
      String name = a.reused ? "connection reuse" : "connection open";
      SpanRecord connection = new SpanRecord(name, parent, times.started, times.sent);
      AttemptAttributes.connection(a, connection);
      spans.write(connection);
    }
  }

  /** The latest of them: what was put first is forgotten first. */
  private static final class Recent extends LinkedHashMap<Long, String> {
    private static final long serialVersionUID = 1;

    @Override
    public @Nullable String put(Long number, String span) {
      remove(number);
      return super.put(number, span);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<Long, String> eldest) {
      return size() > REMEMBERED;
    }
  }
}
