package org.keepaliveagent.telemetry;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Draws spans as people see them in a tracing backend, one line each, children by start time:
 *
 * <pre>
 * (caller 00f067aa0ba902b7)
 *  ├ upstream GET  CLIENT ERROR  error.type=connection_reset …
 *  │  └ connection reset  INTERNAL ERROR  …
 *  └ request retry  INTERNAL  → upstream GET  …
 * </pre>
 *
 * A parent that was not received is drawn as the caller; {@code →} names the span that a link leads
 * to. Attributes are sorted by name.
 */
public final class TraceTree {
  private final Map<ByteString, Span> byId;
  private final Map<ByteString, List<Span>> byParent;
  private final StringBuilder drawing = new StringBuilder();

  private TraceTree(Collection<Span> spans) {
    byId = spans.stream().collect(Collectors.toMap(Span::getSpanId, Function.identity()));
    byParent = spans.stream().collect(Collectors.groupingBy(Span::getParentSpanId));
  }

  public static String draw(Collection<Span> spans) {
    TraceTree tree = new TraceTree(spans);
    spans.stream()
        .map(Span::getParentSpanId)
        .distinct()
        .filter(parent -> !tree.byId.containsKey(parent))
        .sorted(Comparator.comparing(TraceTree::hex))
        .forEach(tree::top);
    return tree.drawing.toString();
  }

  static String hex(ByteString id) {
    return HexFormat.of().formatHex(id.toByteArray());
  }

  private void top(ByteString parent) {
    String name = parent.isEmpty() ? "(no caller)" : "(caller " + hex(parent) + ")";
    drawing.append(name).append('\n');
    children(parent, "");
  }

  private void children(ByteString parent, String indent) {
    List<Span> children =
        byParent.getOrDefault(parent, List.of()).stream()
            .sorted(
                Comparator.comparingLong(Span::getStartTimeUnixNano).thenComparing(Span::getName))
            .toList();
    for (int i = 0; i < children.size(); i++) {
      boolean last = i == children.size() - 1;
      Span child = children.get(i);
      drawing.append(indent).append(last ? " └ " : " ├ ").append(line(child)).append('\n');
      children(child.getSpanId(), indent + (last ? "   " : " │ "));
    }
  }

  private String line(Span span) {
    StringBuilder line = new StringBuilder(span.getName());
    line.append("  ").append(span.getKind().name().replace("SPAN_KIND_", ""));
    if (span.getStatus().getCode() == Status.StatusCode.STATUS_CODE_ERROR) {
      line.append(" ERROR");
    }
    for (Span.Link link : span.getLinksList()) {
      Span to = byId.get(link.getSpanId());
      line.append("  → ").append(to == null ? hex(link.getSpanId()) : to.getName());
    }
    attributes(span).forEach((k, v) -> line.append(' ').append(k).append('=').append(v));
    return line.toString();
  }

  private static Map<String, String> attributes(Span span) {
    Map<String, String> sorted = new TreeMap<>();
    for (KeyValue attribute : span.getAttributesList()) {
      sorted.put(attribute.getKey(), text(attribute.getValue()));
    }
    return sorted;
  }

  private static String text(AnyValue value) {
    return switch (value.getValueCase()) {
      case STRING_VALUE -> value.getStringValue();
      case INT_VALUE -> Long.toString(value.getIntValue());
      case BOOL_VALUE -> Boolean.toString(value.getBoolValue());
      default -> value.toString();
    };
  }
}
