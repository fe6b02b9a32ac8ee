package org.keepaliveagent.config;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.policy.PolicyTable;

/** What came of reading a policy file: a table, or everything that is wrong with it. Immutable. */
public final class PolicyReading {
  private final @Nullable PolicyTable table;
  private final List<Problem> problems;

  PolicyReading(@Nullable PolicyTable table, List<Problem> problems) {
    this.table = table;
    this.problems = problems;
  }

  /** The policies; null exactly when there are problems. */
  public @Nullable PolicyTable table() {
    return table;
  }

  /** In the order of the file. */
  public List<Problem> problems() {
    return problems;
  }
}
