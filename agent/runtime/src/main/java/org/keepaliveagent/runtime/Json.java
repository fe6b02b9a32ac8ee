package org.keepaliveagent.runtime;

import java.util.Map;

/** Writes maps, lists, texts, numbers and truth values as JSON (RFC 8259). */
final class Json {
  private Json() {}

  /** The text of a value; what is none of the known kinds is written as its text. */
  static String of(Object value) {
    StringBuilder json = new StringBuilder();
    write(json, value);
    return json.toString();
  }

  private static void write(StringBuilder json, Object value) {
    if (value instanceof Map) {
      json.append('{');
      String separator = "";
      for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
        json.append(separator);
        text(json, String.valueOf(entry.getKey()));
        json.append(':');
        write(json, entry.getValue());
        separator = ",";
      }
      json.append('}');
    } else if (value instanceof Iterable) {
      json.append('[');
      String separator = "";
      for (Object item : (Iterable<?>) value) {
        json.append(separator);
        write(json, item);
        separator = ",";
      }
      json.append(']');
    } else if (value instanceof Number || value instanceof Boolean) {
      json.append(value);
    } else {
      text(json, String.valueOf(value));
    }
  }

  private static void text(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ' || c == '\u2028' || c == '\u2029' || c == '<') {
        json.append(String.format("\\u%04x", (int) c));
      } else {
        json.append(c);
      }
    }
    json.append('"');
  }
}
