package org.keepaliveagent.config;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One file that is being read: its name, its text, and where complaints about it go. */
final class Document {
  private final String file;
  private final SourceText text;
  private final Problems problems;
  private final Function<String, @Nullable String> environment;

  Document(
      String file,
      SourceText text,
      Problems problems,
      Function<String, @Nullable String> environment) {
    this.file = file;
    this.text = text;
    this.problems = problems;
    this.environment = environment;
  }

  String file() {
    return file;
  }

  String text() {
    return text.text();
  }

  /** An environment variable of the process; null where it is not set. */
  @Nullable String variable(String name) {
    return environment.apply(name);
  }

  /** Reports at a place; line and column from 1. */
  void report(int line, int column, String path, ProblemKind kind, String message) {
    problems.add(new Problem(kind, file, line, column, path, message, text.excerpt(line, column)));
  }
}
