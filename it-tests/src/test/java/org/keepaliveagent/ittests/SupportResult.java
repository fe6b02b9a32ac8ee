package org.keepaliveagent.ittests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How one test of a rule ended on one version of a library, on one JDK, plain and over TLS
 * together.
 *
 * @param outcome {@code passed}, {@code failed}, or {@code untested} and why
 */
record SupportResult(
    String library, String client, String version, String rule, int jdk, String outcome)
    implements Comparable<SupportResult> {
  private static final Comparator<SupportResult> ORDER =
      Comparator.comparing(SupportResult::library)
          .thenComparing(SupportResult::client)
          .thenComparing(SupportResult::rule)
          .thenComparing(SupportResult::version)
          .thenComparing(SupportResult::jdk)
          .thenComparing(SupportResult::outcome);

  /** A rule of TLS says this of a plain subject. */
  private static final String OF_TLS = "untested: a rule of TLS";

  /** What the kit wrote down, if it did so on this JDK; empty otherwise. */
  static List<SupportResult> recorded(Path file, int jdk) throws IOException {
    List<String> lines = Files.readAllLines(file);
    if (!lines.get(0).equals("jdk\t" + jdk)) {
      return List.of();
    }
    Map<List<String>, String> worst = new LinkedHashMap<>();
    for (String line : lines.subList(1, lines.size())) {
      String[] words = line.split("\t", -1);
      String outcome = words[5] + (words[6].isEmpty() ? "" : ": " + words[6]);
      worst.merge(
          List.of(words[0], words[1], words[2], words[4]), outcome, SupportResult::together);
    }
    List<SupportResult> results = new ArrayList<>();
    worst.forEach(
        (key, outcome) ->
            results.add(
                new SupportResult(key.get(0), key.get(1), key.get(2), key.get(3), jdk, outcome)));
    return results;
  }

  /** One outcome for two: the one that says less well of the library. */
  private static String together(String one, String other) {
    if (one.equals(OF_TLS)) {
      return other;
    }
    if (other.equals(OF_TLS) || one.startsWith("failed")) {
      return one;
    }
    return other.equals("passed") ? one : other;
  }

  static List<SupportResult> read(Path file) throws IOException {
    List<SupportResult> results = new ArrayList<>();
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        String[] words = line.split("\t", -1);
        for (String version : words[3].split(", ", -1)) {
          for (String jdk : words[4].split(" ", -1)) {
            results.add(
                new SupportResult(
                    words[0], words[1], version, words[2], Integer.parseInt(jdk), words[5]));
          }
        }
      }
    }
    results.sort(null);
    return results;
  }

  /** As lines, versions and JDKs with the same outcome together. */
  static void write(Path file, List<SupportResult> results) throws IOException {
    Map<List<String>, List<String>> jdks = new LinkedHashMap<>();
    for (SupportResult each : results) {
      jdks.computeIfAbsent(
              List.of(each.library, each.client, each.rule, each.version, each.outcome),
              key -> new ArrayList<>())
          .add(String.valueOf(each.jdk));
    }
    Map<List<String>, List<String>> versions = new LinkedHashMap<>();
    jdks.forEach(
        (key, on) ->
            versions
                .computeIfAbsent(
                    List.of(key.get(0), key.get(1), key.get(2), String.join(" ", on), key.get(4)),
                    same -> new ArrayList<>())
                .add(key.get(3)));
    List<String> lines = new ArrayList<>();
    versions.forEach(
        (key, of) ->
            lines.add(
                String.join(
                    "\t",
                    key.get(0),
                    key.get(1),
                    key.get(2),
                    String.join(", ", of),
                    key.get(3),
                    key.get(4))));
    Files.write(file, lines);
  }

  @Override
  public int compareTo(SupportResult other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return String.join("\t", library, client, version, rule, String.valueOf(jdk), outcome);
  }
}
