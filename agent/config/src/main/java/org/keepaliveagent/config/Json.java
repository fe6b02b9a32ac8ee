package org.keepaliveagent.config;

import java.util.Map;

/** Writes maps, lists, texts, numbers and truth values as JSON (RFC 8259). */
public final class Json {
  private Json() {}

  /** The text of a value; what is none of the known kinds is written as its text. */
  public static String of(Object value) {
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
        json.append(Shown.escaped(String.valueOf(entry.getKey())));
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
      json.append(Shown.escaped(String.valueOf(value)));
    }
  }
}
