package org.keepaliveagent.telemetry;

import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.extension.SpanWriter;

/**
 * The span that is being drawn, one after the other, on its way to our own SDK or to that of the
 * OpenTelemetry agent whose extension we are. It is used again for the next one, so that drawing
 * leaves no garbage. The telemetry thread only.
 */
final class SpanDraft {
  private static final int USUAL_ATTRIBUTES = 24;

  private final Function<Object[], Object> writer;
  private final long[] times = new long[2];
  private @Nullable Object[] span =
      new @Nullable Object[SpanWriter.ATTRIBUTES + 2 * USUAL_ATTRIBUTES];
  private int size = SpanWriter.ATTRIBUTES;

  /**
   * The draft of spans for one writer.
   *
   * @param writer a {@link SpanWriter}, of whatever class loader
   */
  SpanDraft(Function<Object[], Object> writer) {
    this.writer = writer;
  }

  /**
   * Begins a span, without attributes, link and error, and of kind INTERNAL.
   *
   * @param parent the caller's {@code traceparent}, or the answer of {@link #write()} for another
   *     one; {@code null} for a trace of its own
   * @param start in epoch nanoseconds, as {@code end}
   */
  SpanDraft begin(String name, @Nullable Object parent, long start, long end) {
    Arrays.fill(span, null);
    size = SpanWriter.ATTRIBUTES;
    span[SpanWriter.NAME] = name;
    span[SpanWriter.PARENT] = parent;
    span[SpanWriter.TIMES] = times;
    times[0] = start;
    times[1] = end;
    return this;
  }

  /** Links it to the span for which an answer of {@link #write()} stands, if it is known. */
  SpanDraft link(@Nullable Object to) {
    span[SpanWriter.LINK] = to;
    return this;
  }

  /** Whether it is of kind CLIENT. */
  SpanDraft client(boolean is) {
    span[SpanWriter.CLIENT] = is;
    return this;
  }

  SpanDraft error(boolean is) {
    span[SpanWriter.ERROR] = is;
    return this;
  }

  /**
   * States an attribute; {@code null} states nothing.
   *
   * @param value a string, a {@code Long} or a {@code Boolean}
   */
  SpanDraft with(String attribute, @Nullable Object value) {
    if (value != null) {
      if (size == span.length) {
        span = Arrays.copyOf(span, 2 * size);
      }
      span[size++] = attribute;
      span[size++] = value;
    }
    return this;
  }

  /** Writes it; the answer stands for it, as a parent and as what others link to. */
  @SuppressWarnings("NullAway") // the function's parameter cannot say that elements may be null
  Object write() {
    return writer.apply(span);
  }
}
