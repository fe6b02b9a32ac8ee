package org.keepaliveagent.proxycore;

import org.jspecify.annotations.Nullable;

/** How a variable's value stands in a log, as {@code escape=} of {@code log_format} has it. */
enum LogEscape implements Template.Form {
  /** What could be taken for a mark, or for another line, is {@code \xXX}; {@code -} for none. */
  DEFAULT {
    @Override
    public String of(@Nullable String value) {
      return value == null ? "-" : escaped(value, this);
    }

    @Override
    boolean isPlain(char c) {
      return c >= ' ' && c < DELETE && c != '"' && c != '\\';
    }

    @Override
    String escape(char c) {
      return "\\x" + HEX.charAt(c >> 4 & 15) + HEX.charAt(c & 15);
    }
  },

  /** As within a string of JSON. */
  JSON {
    @Override
    public String of(@Nullable String value) {
      return value == null ? "" : escaped(value, this);
    }

    @Override
    boolean isPlain(char c) {
      return c >= ' ' && c != '"' && c != '\\';
    }

    @Override
    String escape(char c) {
      return switch (c) {
        case '"', '\\' -> "\\" + c;
        case '\n' -> "\\n";
        case '\r' -> "\\r";
        case '\t' -> "\\t";
        case '\b' -> "\\b";
        case '\f' -> "\\f";
        default -> "\\u00" + HEX.charAt(c >> 4 & 15) + HEX.charAt(c & 15);
      };
    }
  },

  /** As it is. */
  NONE {
    @Override
    public String of(@Nullable String value) {
      return value == null ? "" : value;
    }

    @Override
    boolean isPlain(char c) {
      return true;
    }

    @Override
    String escape(char c) {
      return String.valueOf(c);
    }
  };

  private static final String HEX = "0123456789ABCDEF";
  private static final char DELETE = 0x7f;

  abstract boolean isPlain(char c);

  abstract String escape(char c);

  static LogEscape read(Directive directive, String name) throws ConfigException {
    return switch (name) {
      case "default" -> DEFAULT;
      case "json" -> JSON;
      case "none" -> NONE;
      default -> throw directive.error("unknown log format escaping \"" + name + "\"");
    };
  }

  private static String escaped(String value, LogEscape form) {
    int plain = 0;
    while (plain < value.length() && form.isPlain(value.charAt(plain))) {
      plain++;
    }
    if (plain == value.length()) {
      return value;
    }
    StringBuilder escaped = new StringBuilder(value.length() + 16).append(value, 0, plain);
    for (int i = plain; i < value.length(); i++) {
      char c = value.charAt(i);
      escaped.append(form.isPlain(c) ? String.valueOf(c) : form.escape(c));
    }
    return escaped.toString();
  }
}
