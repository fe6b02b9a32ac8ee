package org.keepaliveagent.config;

/** One argument of a directive in nginx's notation, unquoted, with its place. Immutable. */
final class NginxWord {
  private final String text;
  private final int line;
  private final int column;

  NginxWord(String text, int line, int column) {
    this.text = text;
    this.line = line;
    this.column = column;
  }

  String text() {
    return text;
  }

  int line() {
    return line;
  }

  int column() {
    return column;
  }
}
