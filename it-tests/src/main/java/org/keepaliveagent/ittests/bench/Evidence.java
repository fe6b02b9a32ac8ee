package org.keepaliveagent.ittests.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * What a benchmark found: its tables and the aims that it missed, on standard output as text or as
 * JSON, and with {@code --write} as a page of {@code agent/docs/evidence} with the date, the
 * versions and the command. Progress goes to standard error.
 */
final class Evidence {
  private static final Path PAGES = Path.of("..", "agent", "docs", "evidence");
  private static final List<List<String>> TOOLS =
      List.of(
          List.of("nginx", "-v"),
          List.of("haproxy", "-v"),
          List.of("node", "--version"),
          List.of("git", "rev-parse", "--short", "HEAD"));

  private final String name;
  private final String title;
  private final String about;
  private final String command;
  private final boolean json;
  private final boolean write;
  private final Map<String, String> versions = new LinkedHashMap<>();
  private final List<Table> tables = new ArrayList<>();
  private final List<String> missed = new ArrayList<>();

  /**
   * The evidence of one run.
   *
   * @param name the subcommand, and the page's name
   * @param about what is measured, and how; Markdown
   */
  Evidence(String name, String title, String about, Arguments arguments, String[] given) {
    this.name = name;
    this.title = title;
    this.about = about;
    json = arguments.flag("--json");
    write = arguments.flag("--write");
    command = ("it-tests/bench " + name + " " + String.join(" ", given)).strip();
    version("JDK", Runtime.version().toString());
    version("kernel", System.getProperty("os.version"));
    version("processors", String.valueOf(Runtime.getRuntime().availableProcessors()));
    for (List<String> tool : TOOLS) {
      version(tool.get(0).equals("git") ? "agent" : tool.get(0), firstLine(tool));
    }
  }

  /** States a version, or another condition of the run. */
  void version(String of, String version) {
    versions.put(of, version);
  }

  Table table(String heading, String... columns) {
    Table table = new Table(heading, columns);
    tables.add(table);
    return table;
  }

  /** An aim is missed: what was to be, and what is. */
  void missed(String aim) {
    missed.add(aim);
    progress("MISSED " + aim);
  }

  /** The aims that were missed so far. */
  List<String> missed() {
    return missed;
  }

  void progress(String line) {
    System.err.println(line);
  }

  /**
   * Prints, and writes.
   *
   * @return the exit code: 1 where an aim is missed
   */
  int finish() throws IOException {
    System.out.print(json ? json() : text());
    if (write) {
      Files.createDirectories(PAGES);
      Files.writeString(PAGES.resolve(name + ".md"), markdown());
    }
    return missed.isEmpty() ? 0 : 1;
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    tables.forEach(table -> text.append(table.text()).append('\n'));
    missed.forEach(aim -> text.append("MISSED ").append(aim).append('\n'));
    return text.toString();
  }

  private String markdown() {
    StringBuilder page = new StringBuilder("# ").append(title).append("\n\n");
    page.append("Written on ").append(LocalDate.now(ZoneOffset.UTC)).append(" by `");
    page.append(command).append("`; do not edit. ");
    page.append(
        versions.entrySet().stream()
            .map(entry -> entry.getKey() + " " + entry.getValue())
            .collect(Collectors.joining(", ", "", ".\n\n")));
    page.append(about.strip()).append("\n\n");
    tables.forEach(table -> page.append(table.markdown()).append('\n'));
    page.append("## Aims missed\n\n");
    page.append(missed.isEmpty() ? "None.\n" : "");
    missed.forEach(aim -> page.append("- ").append(aim).append('\n'));
    return page.toString();
  }

  private String json() {
    String conditions =
        versions.entrySet().stream()
            .map(entry -> Table.quoted(entry.getKey()) + ": " + Table.quoted(entry.getValue()))
            .collect(Collectors.joining(", ", "{", "}"));
    return "{\"benchmark\": "
        + Table.quoted(name)
        + ", \"command\": "
        + Table.quoted(command)
        + ",\n  \"versions\": "
        + conditions
        + ",\n  \"tables\": {"
        + tables.stream().map(Table::json).collect(Collectors.joining(",\n  "))
        + "},\n  \"missed\": "
        + missed.stream().map(Table::quoted).collect(Collectors.joining(", ", "[", "]}\n"));
  }

  /** What a tool says of its version; without its own name. */
  private static String firstLine(List<String> tool) {
    try {
      Process process = new ProcessBuilder(tool).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
      if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
        return "(does not say)";
      }
      return said.lines()
          .findFirst()
          .orElse("(does not say)")
          .replaceFirst("(?i)^(nginx|haproxy) version:? (nginx/)?", "")
          .replaceFirst(" .*", "");
    } catch (IOException absent) {
      return "not installed";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "(does not say)";
    }
  }
}
