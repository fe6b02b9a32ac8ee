package org.keepaliveagent.ittests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What became of requests whose connections die, without and with the agent, as the kit wrote it
 * down.
 */
final class DeathsPage {
  private static final Map<String, String> DEATHS = new LinkedHashMap<>();

  static {
    DEATHS.put("IDLE_FIN", "The upstream closed the idle connection before the request");
    DEATHS.put("FIN", "The upstream reads the request and closes, one connection in the pool");
    DEATHS.put("RESET", "The upstream reads the request and resets, one connection in the pool");
    DEATHS.put(
        "FOUR_FIN", "The upstream reads the request and closes, four connections in the pool");
    DEATHS.put("STATUS_503", "The upstream answers 503");
  }

  private DeathsPage() {}

  /** From the kit's files: library, client, version, plain or TLS, death and method, outcomes. */
  static String of(List<Path> files, int jdk) throws IOException {
    // death -> client -> outcomes of all methods -> versions
    Map<String, Map<String, Map<List<String>, List<String>>>> table = new TreeMap<>();
    for (Path file : files) {
      Map<List<String>, List<String>> outcomes = new LinkedHashMap<>();
      List<String> lines = Files.readAllLines(file);
      for (String line : lines.subList(1, lines.size())) {
        String[] words = line.split("\t", -1);
        if (words[3].equals("plain")) {
          String death = words[4].substring(0, words[4].indexOf(' '));
          String client = words[0] + (words[1].isEmpty() ? "" : " (" + words[1] + ")");
          List<String> cells =
              outcomes.computeIfAbsent(List.of(death, client, words[2]), key -> new ArrayList<>());
          cells.add(words[5]);
          cells.add(words[6]);
        }
      }
      outcomes.forEach(
          (key, cells) ->
              table
                  .computeIfAbsent(key.get(0), death -> new TreeMap<>())
                  .computeIfAbsent(key.get(1), client -> new LinkedHashMap<>())
                  .computeIfAbsent(cells, same -> new ArrayList<>())
                  .add(key.get(2)));
    }
    StringBuilder page = new StringBuilder();
    page.append(
        """
        # Before and after

        Written by `./mvnw -B verify -Dkeepalive.docs=write` on JDK %d from runs of the conformance kit; do not edit.
        What the caller sees, and how often the upstream got the request. *With* is with the agent and
        `next_upstream: [error]`: a request that may be repeated goes once more, on a fresh connection; a POST never.
        """
            .formatted(jdk));
    DEATHS.forEach(
        (death, title) -> {
          boolean post = death.startsWith("STATUS");
          page.append("\n## ").append(title).append("\n\n| client | versions |");
          for (String method : post ? List.of("POST") : List.of("GET", "PUT", "POST")) {
            page.append(' ').append(method).append(" without | with |");
          }
          page.append("\n|---|---|").append("---|---|".repeat(post ? 1 : 3)).append('\n');
          table
              .getOrDefault(death, Map.of())
              .forEach(
                  (client, rows) ->
                      rows.forEach(
                          (cells, versions) ->
                              page.append("| ")
                                  .append(client)
                                  .append(" | ")
                                  .append(String.join(", ", versions))
                                  .append(" | ")
                                  .append(String.join(" | ", cells).toLowerCase(Locale.ROOT))
                                  .append(" |\n")));
        });
    return page.toString();
  }
}
