package org.keepaliveagent.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * Collects what is wrong with one policy file: everything, but of a hostile file only the first
 * {@value #KEPT} problems and the number of the others. For one thread.
 */
final class Problems {
  static final int KEPT = 200;

  private final String file;
  private final List<Problem> kept = new ArrayList<>();
  private int more;

  Problems(String file) {
    this.file = file;
  }

  /** Of the whole file. */
  void add(ProblemKind kind, Object... details) {
    kept.add(Problem.of(kind, file, details));
  }

  /** At a place; line and column from 1. */
  void add(SourceText source, int line, int column, String path, ProblemKind kind, String message) {
    if (kept.size() < KEPT) {
      String excerpt = source.excerpt(line, column);
      kept.add(new Problem(kind, file, line, column, path, message, excerpt));
    } else {
      more++;
    }
  }

  boolean isEmpty() {
    return kept.isEmpty();
  }

  /** In the order of the file. */
  List<Problem> list() {
    List<Problem> all = new ArrayList<>(kept);
    all.sort(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column));
    if (more > 0) {
      all.add(Problem.of(ProblemKind.MORE, file, more));
    }
    return Collections.unmodifiableList(all);
  }
}
