package org.keepaliveagent.ittests.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Rows of figures under a title; numbers stand right, and are numbers in JSON too. */
final class Table {
  private final String title;
  private final List<String> columns;
  private final List<List<Object>> rows = new ArrayList<>();

  Table(String title, String... columns) {
    this.title = title;
    this.columns = List.of(columns);
  }

  /** Adds a row; a cell may be missing at its end. */
  void row(Object... cells) {
    List<Object> row = new ArrayList<>(List.of(cells));
    while (row.size() < columns.size()) {
      row.add("");
    }
    rows.add(row);
  }

  /** For a terminal. */
  String text() {
    List<Integer> widths = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      int width = columns.get(i).length();
      for (List<Object> row : rows) {
        width = Math.max(width, row.get(i).toString().length());
      }
      widths.add(width);
    }
    StringBuilder text = new StringBuilder(title).append("\n\n");
    line(text, widths, new ArrayList<>(columns));
    rows.forEach(row -> line(text, widths, row));
    return text.toString();
  }

  private static void line(StringBuilder text, List<Integer> widths, List<Object> cells) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      String cell = cells.get(i).toString();
      String space = " ".repeat(widths.get(i) - cell.length());
      line.append("  ").append(cells.get(i) instanceof Number ? space + cell : cell + space);
    }
    text.append(line.toString().stripTrailing()).append('\n');
  }

  String markdown() {
    StringBuilder page = new StringBuilder("## ").append(title).append("\n\n");
    page.append("| ").append(String.join(" | ", columns)).append(" |\n");
    page.append("|---".repeat(columns.size())).append("|\n");
    for (List<Object> row : rows) {
      page.append(
          row.stream().map(String::valueOf).collect(Collectors.joining(" | ", "| ", " |\n")));
    }
    return page.toString();
  }

  /** An object: the title, and its rows as objects. */
  String json() {
    return rows.stream()
        .map(this::object)
        .collect(Collectors.joining(",\n    ", quoted(title) + ": [\n    ", "]"));
  }

  private String object(List<Object> row) {
    List<String> fields = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      Object cell = row.get(i);
      String value = cell instanceof Number ? cell.toString() : quoted(cell.toString());
      fields.add(quoted(columns.get(i)) + ": " + value);
    }
    return "{" + String.join(", ", fields) + "}";
  }

  static String quoted(String text) {
    return '"'
        + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n").replace("\t", " ")
        + '"';
  }
}
