package org.keepaliveagent.telemetry;

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
import java.util.concurrent.TimeUnit;

/** Spans of a tracer of our own. */
final class SdkSpans implements Spans {
  private final Tracer tracer;

  SdkSpans(Tracer tracer) {
    this.tracer = tracer;
  }

  @Override
  public String write(SpanRecord record) {
    SpanBuilder builder =
        tracer
            .spanBuilder(record.name)
            .setSpanKind(record.client ? SpanKind.CLIENT : SpanKind.INTERNAL)
            .setStartTimestamp(record.start, TimeUnit.NANOSECONDS);
    if (record.parent == null) {
      builder.setNoParent();
    } else {
      SpanContext parent = context(record.parent, record.remote);
      builder.setParent(Context.root().with(Span.wrap(parent)));
    }
    if (record.link != null) {
      builder.addLink(context(record.link, false));
    }
    for (Map.Entry<String, Object> attribute : record.attributes.entrySet()) {
      Object value = attribute.getValue();
      if (value instanceof Long) {
        builder.setAttribute(attribute.getKey(), (Long) value);
      } else if (value instanceof Boolean) {
        builder.setAttribute(attribute.getKey(), (Boolean) value);
      } else {
        builder.setAttribute(attribute.getKey(), (String) value);
      }
    }
    Span span = builder.startSpan();
    if (record.error) {
      span.setStatus(StatusCode.ERROR);
    }
    span.end(record.end, TimeUnit.NANOSECONDS);
    SpanContext written = span.getSpanContext();
    return Traceparent.of(
        written.getTraceId(), written.getSpanId(), written.getTraceFlags().asHex());
  }

  private static SpanContext context(String header, boolean remote) {
    String traceId = header.substring(Traceparent.TRACE_ID, Traceparent.TRACE_ID_END);
    String spanId = header.substring(Traceparent.PARENT_ID, Traceparent.PARENT_ID_END);
    TraceFlags flags = TraceFlags.fromHex(header, Traceparent.FLAGS);
    return remote
        ? SpanContext.createFromRemoteParent(traceId, spanId, flags, TraceState.getDefault())
        : SpanContext.create(traceId, spanId, flags, TraceState.getDefault());
  }
}
