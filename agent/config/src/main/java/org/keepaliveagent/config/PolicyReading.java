package org.keepaliveagent.config;

import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.policy.PolicyTable;

/**
 * What came of reading a policy file: a table, or everything that is wrong with it; warnings in
 * both cases. Immutable but for {@link Sources}.
 */
public final class PolicyReading {
  private final @Nullable PolicyTable table;
  private final PolicyTree tree;
  private final boolean overridden;
  private final List<Problem> problems;
  private final Sources sources;

  PolicyReading(
      @Nullable PolicyTable table,
      PolicyTree tree,
      boolean overridden,
      List<Problem> problems,
      Sources sources) {
    this.table = table;
    this.tree = tree;
    this.overridden = overridden;
    this.problems = Collections.unmodifiableList(problems);
    this.sources = sources;
  }

  static PolicyReading failed(List<Problem> problems, Sources sources) {
    return new PolicyReading(null, new PolicyTree(), false, problems, sources);
  }

  /** The policies; null exactly when one of the problems is an error. */
  public @Nullable PolicyTable table() {
    return table;
  }

  /**
   * This reading, or, of a file that holds nothing, a bad one: at the start such a file is the
   * built-in default, but a file that has become empty is about to be written.
   */
  public PolicyReading unlessEmptied() {
    if (table == null || !sources.isEmpty()) {
      return this;
    }
    Problem emptied = Problem.of(ProblemKind.EMPTIED, sources.first());
    return failed(Collections.singletonList(emptied), sources);
  }

  /** Errors and warnings, in the order of the files. */
  public List<Problem> problems() {
    return problems;
  }

  /** The files that were read. */
  public Sources sources() {
    return sources;
  }

  PolicyTree tree() {
    return tree;
  }

  /** Whether an option of the agent holds instead of every mode of the file. */
  boolean overridden() {
    return overridden;
  }
}
