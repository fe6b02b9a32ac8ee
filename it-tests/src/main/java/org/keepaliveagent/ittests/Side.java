package org.keepaliveagent.ittests;

import java.util.Locale;

/** The figures of one side of the demo. */
record Side(BurstLoad.Seen seen, int executedTwice, int connections) {
  boolean isClean() {
    return seen.failedGet() == 0 && seen.failedPost() == 0 && executedTwice == 0;
  }

  String json() {
    return String.format(
        Locale.ROOT,
        "{\"requests\": %d, \"failed_get\": %d, \"failed_post\": %d, \"post_executed_twice\": %d,"
            + " \"connections_opened\": %d, \"p50_ms\": %.2f, \"p99_ms\": %.2f}",
        seen.requests(),
        seen.failedGet(),
        seen.failedPost(),
        executedTwice,
        connections,
        seen.p50Millis(),
        seen.p99Millis());
  }

  /** Both sides beside each other, for people. */
  static String table(Side without, Side with) {
    StringBuilder table = new StringBuilder();
    row(table, "", "without", "with the agent");
    row(table, "requests", without.seen.requests(), with.seen.requests());
    row(table, "failed GET", without.seen.failedGet(), with.seen.failedGet());
    row(table, "failed POST", without.seen.failedPost(), with.seen.failedPost());
    row(table, "executed twice", without.executedTwice, with.executedTwice);
    row(table, "upstream connections opened", without.connections, with.connections);
    row(table, "p50 ms", rounded(without.seen.p50Millis()), rounded(with.seen.p50Millis()));
    row(table, "p99 ms", rounded(without.seen.p99Millis()), rounded(with.seen.p99Millis()));
    return table.toString();
  }

  private static String rounded(double millis) {
    return String.format(Locale.ROOT, "%.1f", millis);
  }

  private static void row(StringBuilder table, String name, Object without, Object with) {
    table.append(String.format(Locale.ROOT, "  %-28s %12s %16s%n", name, without, with));
  }
}
