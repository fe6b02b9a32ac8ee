package org.keepaliveagent.telemetry;

/** Where spans go: our own SDK, or that of the OpenTelemetry agent whose extension we are. */
interface Spans {
  /**
   * Writes a span that is over.
   *
   * @return its {@code traceparent}, for its children and for links to it; not sampled where the
   *     sampler said so
   */
  String write(SpanRecord span);
}
