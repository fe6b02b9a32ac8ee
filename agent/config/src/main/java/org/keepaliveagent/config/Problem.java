package org.keepaliveagent.config;

import org.jspecify.annotations.Nullable;

/**
 * One thing that is wrong with an option or a policy file, and its place. Immutable.
 *
 * <p>Lines and columns count from 1, columns in characters (a tab is one). Both are 0 where there
 * is no place inside a file: an option, a missing file.
 */
public final class Problem {
  private final ProblemKind kind;
  private final String origin;
  private final int line;
  private final int column;
  private final String path;
  private final String message;
  private final @Nullable String excerpt;

  Problem(
      ProblemKind kind,
      String origin,
      int line,
      int column,
      String path,
      String message,
      @Nullable String excerpt) {
    this.kind = kind;
    this.origin = origin;
    this.line = line;
    this.column = column;
    this.path = path;
    this.message = message;
    this.excerpt = excerpt;
  }

  /** A problem of a whole file or of an option. */
  static Problem of(ProblemKind kind, String origin, Object... details) {
    return new Problem(kind, origin, 0, 0, "", kind.text(details), null);
  }

  public ProblemKind kind() {
    return kind;
  }

  /** Such as {@code KA104}. */
  public String id() {
    return kind.id();
  }

  /** Whether the policy cannot be taken because of it; else it is a warning. */
  public boolean isError() {
    return kind.isError();
  }

  /** The file as it was named, or the option: {@code environment KEEPALIVE_MODE}. */
  public String origin() {
    return origin;
  }

  public int line() {
    return line;
  }

  public int column() {
    return column;
  }

  /** The place in the policy, such as {@code upstreams[2].keepalive_timeout}; list items from 0. */
  public String path() {
    return path;
  }

  /** What is wrong, the value, and what is allowed: one or more sentences. */
  public String message() {
    return message;
  }

  /** Id, place and message in one line. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(id()).append(' ').append(origin);
    if (line > 0) {
      text.append(':').append(line).append(':').append(column);
    }
    if (!path.isEmpty()) {
      text.append(' ').append(path);
    }
    return text.append(": ").append(message).toString();
  }

  /**
   * The text for a log or a terminal: the line of {@link #toString()}, then the line of the file
   * and a caret below the place, where there is one. No line break at the end.
   *
   * @param outcome what happens now, a sentence that ends the first line; empty for none
   */
  public String render(String outcome) {
    String headline = outcome.isEmpty() ? toString() : this + " " + outcome;
    return excerpt == null ? headline : headline + "\n" + excerpt;
  }
}
