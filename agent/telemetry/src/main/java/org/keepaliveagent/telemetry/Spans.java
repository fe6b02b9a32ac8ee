package org.keepaliveagent.telemetry;

import java.util.function.Function;

/** Where spans go: our own SDK, or that of the OpenTelemetry agent whose extension we are. */
final class Spans {
  private final Function<Object[], String> writer;

  /**
   * @param writer as {@link org.keepaliveagent.extension.SpanWriter}, of whatever class loader
   */
  Spans(Function<Object[], String> writer) {
    this.writer = writer;
  }

  /**
   * Writes a span that is over.
   *
   * @return its {@code traceparent}, for its children and for links to it; not sampled where the
   *     sampler said so
   */
  String write(SpanRecord span) {
    return writer.apply(
        new Object[] {
          span.name,
          span.parent,
          span.remote,
          span.link,
          span.client,
          span.error,
          span.start,
          span.end,
          span.attributes
        });
  }
}
