package org.keepaliveagent.telemetry;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.policy.Attempt;

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
 * </pre>
 *
 * The telemetry thread only.
 */
final class AttemptSpans {
  /** Failed attempts whose repetition may still come. */
  private static final int REMEMBERED = 1024;

  private final Tracer tracer;
  private final boolean otherTracer;
  private final Map<Long, SpanContext> failed =
      new LinkedHashMap<Long, SpanContext>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, SpanContext> eldest) {
          return size() > REMEMBERED;
        }
      };

  /**
   * @param otherTracer whether another tracer of this process writes the header, and with it the
   *     client span
   */
  AttemptSpans(Tracer tracer, boolean otherTracer) {
    this.tracer = tracer;
    this.otherTracer = otherTracer;
  }

  /** Starts and ends the attempt's spans. */
  void write(Attempt a, WallClock clock) {
    AttemptTimes times = new AttemptTimes(a, clock);
    Context header = header(a.traceparent);
    if (a.retryOf == 0) {
      upstream(a, times, header);
    } else {
      Span retry = retry(a, times, header);
      upstream(a, times, header.with(retry));
      end(retry, times.ended);
    }
  }

  /** The caller's span as a remote parent; without a valid header the root. */
  private static Context header(@Nullable String header) {
    if (header != null && Traceparent.valid(header)) {
      return remote(
          header.substring(Traceparent.TRACE_ID, Traceparent.TRACE_ID_END),
          header.substring(Traceparent.PARENT_ID, Traceparent.PARENT_ID_END),
          TraceFlags.fromHex(header, Traceparent.FLAGS));
    }
    if (header != null && B3.valid(header)) {
      TraceFlags flags = B3.sampled(header) ? TraceFlags.getSampled() : TraceFlags.getDefault();
      return remote(B3.traceId(header), B3.spanId(header), flags);
    }
    return Context.root();
  }

  private static Context remote(String traceId, String spanId, TraceFlags flags) {
    SpanContext parent =
        SpanContext.createFromRemoteParent(traceId, spanId, flags, TraceState.getDefault());
    return Context.root().with(Span.wrap(parent));
  }

  private Span retry(Attempt a, AttemptTimes times, Context header) {
    SpanBuilder builder = span("request retry", header, times.decided, AttemptAttributes.retry(a));
    SpanContext repeated = failed.remove(a.retryOf);
    if (repeated != null) {
      builder.addLink(repeated);
    }
    return builder.startSpan();
  }

  private void upstream(Attempt a, AttemptTimes times, Context parent) {
    Span span =
        span(AttemptAttributes.name(a), parent, times.started, AttemptAttributes.upstream(a))
            .setSpanKind(kind(a))
            .startSpan();
    Context context = parent.with(span);
    connection(a, times, context);
    if (a.errorType != null) {
      reset(a, times, context);
    }
    if (AttemptAttributes.errorType(a) != null) {
      span.setStatus(StatusCode.ERROR);
      failed.put(a.id, span.getSpanContext());
    }
    end(span, times.ended);
  }

  private SpanKind kind(Attempt a) {
    return otherTracer && a.traceparent != null ? SpanKind.INTERNAL : SpanKind.CLIENT;
  }

  private void connection(Attempt a, AttemptTimes times, Context parent) {
    if (a.reused || a.openedAt != 0) {
      String name = a.reused ? "connection reuse" : "connection open";
      Attributes attributes = AttemptAttributes.connection(a);
      end(span(name, parent, times.started, attributes).startSpan(), times.sent);
    }
  }

  private void reset(Attempt a, AttemptTimes times, Context parent) {
    Span span =
        span("connection reset", parent, times.last, AttemptAttributes.reset(a)).startSpan();
    span.setStatus(StatusCode.ERROR);
    end(span, times.ended);
  }

  private SpanBuilder span(String name, Context parent, long start, Attributes attributes) {
    return tracer
        .spanBuilder(name)
        .setParent(parent)
        .setStartTimestamp(start, TimeUnit.NANOSECONDS)
        .setAllAttributes(attributes);
  }

  private static void end(Span span, long moment) {
    span.end(moment, TimeUnit.NANOSECONDS);
  }
}
