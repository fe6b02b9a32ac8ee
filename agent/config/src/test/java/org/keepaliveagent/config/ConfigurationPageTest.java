package org.keepaliveagent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * The page of all options and directives is made from their tables. With {@code
 * -Dkeepalive.docs=write} it is written; else a stale page fails.
 */
class ConfigurationPageTest {
  private static final Path PAGE = Path.of("../docs/configuration.md");

  @Test
  void thePageIsWhatTheTablesSay() throws IOException {
    String page = page();
    if ("write".equals(System.getProperty("keepalive.docs"))) {
      Files.writeString(PAGE, page);
    }
    assertEquals(page, Files.readString(PAGE), "run with -Dkeepalive.docs=write");
  }

  private static String page() {
    StringBuilder page = new StringBuilder();
    page.append(
        "# Configuration\n\nMade from the code; what each directive does is in the README.\n");
    page.append("\n## Options\n\n| argument | property | variable | allowed | default | |\n");
    page.append("|---|---|---|---|---|---|\n");
    for (Option option : Option.values()) {
      row(
          page,
          "`" + option.word() + "`",
          "`" + option.property() + "`",
          "`" + option.variable() + "`",
          option.allowed().isEmpty() ? "a path" : String.join(", ", option.allowed()),
          option.standard().isEmpty() ? "none" : option.standard(),
          option.description());
    }
    page.append("\n## Directives\n\n| directive | allowed |\n|---|---|\n");
    for (Directive directive : Directive.values()) {
      row(
          page,
          "`" + directive.word() + "`",
          directive.allowed().isEmpty()
              ? "part of the language, an error in this version"
              : directive.allowed());
    }
    return page.toString();
  }

  private static void row(StringBuilder page, String... cells) {
    page.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }
}
