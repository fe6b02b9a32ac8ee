package org.keepaliveagent.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Collects what is wrong with a policy: everything, but of a hostile file only the first {@value
 * #KEPT} problems and the number of the others. For one thread.
 */
final class Problems {
  static final int KEPT = 200;

  private final List<String> files = new ArrayList<>();
  private final List<Problem> kept = new ArrayList<>();
  private final Set<String> said = new HashSet<>();
  private int more;
  private boolean anyError;

  /**
   * @param file the file that is read first
   */
  Problems(String file) {
    files.add(file);
  }

  /** Of the whole first file. */
  void add(ProblemKind kind, Object... details) {
    add(Problem.of(kind, files.get(0), details));
  }

  void add(Problem problem) {
    if (!files.contains(problem.origin())) {
      files.add(problem.origin());
    }
    anyError |= problem.isError();
    if (said.size() <= KEPT && !said.add(problem.toString())) {
      return; // a value that several upstreams inherit is judged for each
    }
    if (kept.size() < KEPT) {
      kept.add(problem);
    } else {
      more++;
    }
  }

  /** Whether the policy cannot be taken; warnings alone do not hinder that. */
  boolean anyError() {
    return anyError;
  }

  /** In the order of the files. */
  List<Problem> list() {
    List<Problem> all = new ArrayList<>(kept);
    all.sort(
        Comparator.comparingInt((Problem p) -> files.indexOf(p.origin()))
            .thenComparingInt(Problem::line)
            .thenComparingInt(Problem::column));
    if (more > 0) {
      all.add(Problem.of(ProblemKind.MORE, files.get(0), more));
    }
    return Collections.unmodifiableList(all);
  }
}
