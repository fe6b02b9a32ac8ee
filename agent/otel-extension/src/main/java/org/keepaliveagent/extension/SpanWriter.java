package org.keepaliveagent.extension;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Writes spans that are over with the tracer of whatever class loader it lives in: the agent's own,
 * or that of the OpenTelemetry agent, whose API has other names. So it is spoken to in types of the
 * JDK alone: name, parent, whether that came with a header, link, whether of kind CLIENT, whether
 * an error, start, end, attributes. Parent, link and answer are {@code traceparent} headers.
 */
public final class SpanWriter implements Function<Object[], String> {
  private static final int TRACE_ID = 3;
  private static final int SPAN_ID = 36;
  private static final int FLAGS = 53;

  private final Tracer tracer;

  public SpanWriter(Tracer tracer) {
    this.tracer = tracer;
  }

  @Override
  public String apply(Object[] span) {
    SpanBuilder builder =
        tracer
            .spanBuilder((String) span[0])
            .setSpanKind(Boolean.TRUE.equals(span[4]) ? SpanKind.CLIENT : SpanKind.INTERNAL)
            .setStartTimestamp((Long) span[6], TimeUnit.NANOSECONDS);
    if (span[1] == null) {
      builder.setNoParent();
    } else {
      SpanContext parent = context((String) span[1], Boolean.TRUE.equals(span[2]));
      builder.setParent(Context.root().with(Span.wrap(parent)));
    }
    if (span[3] != null) {
      builder.addLink(context((String) span[3], false));
    }
    Map<?, ?> attributes = (Map<?, ?>) Objects.requireNonNull(span[8]);
    for (Map.Entry<?, ?> attribute : attributes.entrySet()) {
      set(builder, (String) attribute.getKey(), attribute.getValue());
    }
    Span written = builder.startSpan();
    if (Boolean.TRUE.equals(span[5])) {
      written.setStatus(StatusCode.ERROR);
    }
    written.end((Long) span[7], TimeUnit.NANOSECONDS);
    SpanContext context = written.getSpanContext();
    return "00-"
        + context.getTraceId()
        + '-'
        + context.getSpanId()
        + '-'
        + context.getTraceFlags().asHex();
  }

  private static void set(SpanBuilder builder, String name, Object value) {
    if (value instanceof Long) {
      builder.setAttribute(name, (Long) value);
    } else if (value instanceof Boolean) {
      builder.setAttribute(name, (Boolean) value);
    } else {
      builder.setAttribute(name, (String) value);
    }
  }

  private static SpanContext context(String header, boolean remote) {
    String traceId = header.substring(TRACE_ID, SPAN_ID - 1);
    String spanId = header.substring(SPAN_ID, FLAGS - 1);
    TraceFlags flags = TraceFlags.fromHex(header, FLAGS);
    return remote
        ? SpanContext.createFromRemoteParent(traceId, spanId, flags, TraceState.getDefault())
        : SpanContext.create(traceId, spanId, flags, TraceState.getDefault());
  }
}
