package org.keepaliveagent.telemetry;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One span, complete, before it has an id. Moments are epoch nanoseconds. */
final class SpanRecord {
  final String name;

  /** A {@code traceparent}; {@code null} for a trace of its own. */
  final @Nullable String parent;

  final long start;
  final long end;

  /** From their names to strings, longs and booleans. */
  final Map<String, Object> attributes = new LinkedHashMap<>();

  /** Whether the parent came with a header. */
  boolean remote;

  /** Kind CLIENT; else INTERNAL. */
  boolean client;

  boolean error;

  /** The {@code traceparent} of the span that this one points to. */
  @Nullable String link;

  SpanRecord(String name, @Nullable String parent, long start, long end) {
    this.name = name;
    this.parent = parent;
    this.start = start;
    this.end = end;
  }

  /** States an attribute; {@code null} states nothing. */
  SpanRecord with(String attribute, @Nullable Object value) {
    if (value != null) {
      attributes.put(attribute, value);
    }
    return this;
  }
}
