package org.keepaliveagent.extension;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Writes spans that are over with the tracer of whatever class loader it lives in: the agent's own,
 * or that of the OpenTelemetry agent, whose API has other names. So it is spoken to in types of the
 * JDK alone, by an array that is the caller's again afterwards. The answer stands for the span, as
 * the parent of another or as what it links to; it means something to the writer alone.
 *
 * <p>One thread at a time.
 */
public final class SpanWriter implements Function<Object[], Object> {
  /** A {@code String}. */
  public static final int NAME = 0;

  /** The caller's {@code traceparent}, valid; or an answer; null for a trace of its own. */
  public static final int PARENT = 1;

  /** An answer, or null. */
  public static final int LINK = 2;

  /** Whether of kind CLIENT, else INTERNAL: a {@code Boolean}. */
  public static final int CLIENT = 3;

  /** A {@code Boolean}. */
  public static final int ERROR = 4;

  /** Start and end in epoch nanoseconds: a {@code long[]}. */
  public static final int TIMES = 5;

  /**
   * From here on names and values, a {@code String}, {@code Long} or {@code Boolean}, by turns up
   * to a null; a name's values are all of one type. The names are remembered.
   */
  public static final int ATTRIBUTES = 6;

  private static final int TRACE_ID = 3;
  private static final int SPAN_ID = 36;
  private static final int FLAGS = 53;

  private final Tracer tracer;
  private final Map<String, AttributeKey<String>> strings = new HashMap<>();
  private final Map<String, AttributeKey<Long>> longs = new HashMap<>();
  private final Map<String, AttributeKey<Boolean>> booleans = new HashMap<>();

  public SpanWriter(Tracer tracer) {
    this.tracer = tracer;
  }

  @Override
  public Object apply(Object[] span) {
    long[] times = (long[]) Objects.requireNonNull(span[TIMES]);
    SpanBuilder builder =
        tracer
            .spanBuilder((String) span[NAME])
            .setSpanKind(Boolean.TRUE.equals(span[CLIENT]) ? SpanKind.CLIENT : SpanKind.INTERNAL)
            .setStartTimestamp(times[0], TimeUnit.NANOSECONDS);
    Object parent = span[PARENT];
    if (parent == null) {
      builder.setNoParent();
    } else {
      SpanContext context =
          parent instanceof String ? context((String) parent) : (SpanContext) parent;
      builder.setParent(Context.root().with(Span.wrap(context)));
    }
    if (span[LINK] != null) {
      builder.addLink((SpanContext) span[LINK]);
    }
    for (int i = ATTRIBUTES; i < span.length && span[i] != null; i += 2) {
      set(builder, (String) span[i], span[i + 1]);
    }
    Span written = builder.startSpan();
    if (Boolean.TRUE.equals(span[ERROR])) {
      written.setStatus(StatusCode.ERROR);
    }
    written.end(times[1], TimeUnit.NANOSECONDS);
    return written.getSpanContext();
  }

  private void set(SpanBuilder builder, String name, Object value) {
    if (value instanceof Long) {
      builder.setAttribute(longs.computeIfAbsent(name, AttributeKey::longKey), (Long) value);
    } else if (value instanceof Boolean) {
      builder.setAttribute(
          booleans.computeIfAbsent(name, AttributeKey::booleanKey), (Boolean) value);
    } else {
      builder.setAttribute(strings.computeIfAbsent(name, AttributeKey::stringKey), (String) value);
    }
  }

  private static SpanContext context(String header) {
    return SpanContext.createFromRemoteParent(
        header.substring(TRACE_ID, SPAN_ID - 1),
        header.substring(SPAN_ID, FLAGS - 1),
        TraceFlags.fromHex(header, FLAGS),
        TraceState.getDefault());
  }
}
