package org.keepaliveagent.ittests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What one proxy did under one condition.
 *
 * @param jdk the version of Java that it ran on
 * @param race against an upstream that closes idle connections
 * @param calm against an upstream that keeps them; where the agent was attached, meanwhile
 * @param headers those of the hop that the upstream got of one request
 * @param trace of a reset, with a {@code \n} for each line's end
 */
record ProxyRow(
    String proxy,
    int jdk,
    Condition condition,
    Counts race,
    Counts calm,
    String headers,
    String trace) {
  /** How the agent takes part. */
  enum Condition {
    WITHOUT("without"),
    BUILT_IN("built-in policy"),
    NEXT_UPSTREAM("next_upstream"),
    ATTACHED("attached, next_upstream");

    final String text;

    Condition(String text) {
      this.text = text;
    }
  }

  /** Requests, and what became of them. */
  record Counts(
      int requests, int gets, int failedGet, int failedPost, int executedTwice, int connections) {
    static Counts of(Side side) {
      BurstLoad.Seen seen = side.seen();
      return new Counts(
          seen.requests(),
          seen.gets(),
          seen.failedGet(),
          seen.failedPost(),
          side.executedTwice(),
          side.connections());
    }

    private static Counts parse(List<String> words) {
      List<Integer> numbers = words.stream().map(Integer::valueOf).toList();
      return new Counts(
          numbers.get(0),
          numbers.get(1),
          numbers.get(2),
          numbers.get(3),
          numbers.get(4),
          numbers.get(5));
    }

    Counts plus(Counts later) {
      return new Counts(
          requests + later.requests,
          gets + later.gets,
          failedGet + later.failedGet,
          failedPost + later.failedPost,
          later.executedTwice,
          connections + later.connections);
    }

    int posts() {
      return requests - gets;
    }

    private String tsv() {
      return String.join(
          "\t",
          List.of(requests, gets, failedGet, failedPost, executedTwice, connections).stream()
              .map(String::valueOf)
              .toList());
    }
  }

  private static final String COUNTED =
      "%1$s_requests\t%1$s_gets\t%1$s_failed_get\t%1$s_failed_post\t%1$s_executed_twice"
          + "\t%1$s_connections\t";
  private static final String HEAD =
      "proxy\tjdk\tcondition\t"
          + COUNTED.formatted("race")
          + COUNTED.formatted("calm")
          + "headers\ttrace";

  static List<ProxyRow> read(Path file) throws IOException {
    List<ProxyRow> rows = new ArrayList<>();
    if (Files.exists(file)) {
      List<String> lines = Files.readAllLines(file);
      for (String line : lines.subList(1, lines.size())) {
        List<String> words = List.of(line.split("\t", -1));
        rows.add(
            new ProxyRow(
                words.get(0),
                Integer.parseInt(words.get(1)),
                Condition.valueOf(words.get(2)),
                Counts.parse(words.subList(3, 9)),
                Counts.parse(words.subList(9, 15)),
                words.get(15),
                words.get(16)));
      }
    }
    return rows;
  }

  static void write(Path file, List<ProxyRow> rows) throws IOException {
    List<String> lines = new ArrayList<>(List.of(HEAD));
    for (ProxyRow row : rows) {
      lines.add(
          String.join(
              "\t",
              row.proxy,
              String.valueOf(row.jdk),
              row.condition.name(),
              row.race.tsv(),
              row.calm.tsv(),
              row.headers,
              row.trace));
    }
    Files.write(file, lines);
  }
}
