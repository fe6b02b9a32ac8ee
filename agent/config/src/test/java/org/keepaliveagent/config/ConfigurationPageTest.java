package org.keepaliveagent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import org.junit.jupiter.api.Test;
import org.keepaliveagent.policy.Finding;
import org.keepaliveagent.policy.Policy;

/**
 * The page of all options, directives and messages, and the schema for editors, are made from their
 * tables. With {@code -Dkeepalive.docs=write} they are written; else a stale one fails.
 */
class ConfigurationPageTest {
  private static final Path PAGE = Path.of("../docs/configuration.md");
  private static final Path SCHEMA = Path.of("../docs/policy.schema.json");

  @Test
  void thePageIsWhatTheTablesSay() throws IOException {
    assertFresh(PAGE, page());
  }

  @Test
  void theSchemaIsWhatTheTableSays() throws IOException {
    assertFresh(SCHEMA, schema());
    // JSON is YAML, so that this much of its syntax is checked.
    Problems problems = new Problems("schema");
    byte[] bytes = Files.readAllBytes(SCHEMA);
    SourceText text = SourceText.decode(bytes, "schema", problems);
    assertNotNull(Yaml.root(new Document("schema", text, problems, name -> null)));
    assertEquals(List.of(), problems.list());
  }

  private static void assertFresh(Path file, String expected) throws IOException {
    if ("write".equals(System.getProperty("keepalive.docs"))) {
      Files.writeString(file, expected);
    }
    assertEquals(expected, Files.readString(file), "run with -Dkeepalive.docs=write");
  }

  private static String page() {
    StringBuilder page = new StringBuilder();
    page.append(
        """
        # Configuration

        Made from the code by `./mvnw -B verify -Dkeepalive.docs=write`; do not edit.

        ## Options

        Each is given as agent argument (`-javaagent:keepalive-agent.jar=policy=FILE,mode=observe`), as system property
        or as environment variable; the first that is given counts.

        | argument | property | variable | allowed | default | |
        |---|---|---|---|---|---|
        """);
    for (Option option : Option.values()) {
      row(
          page,
          "`" + option.word() + "`",
          "`" + option.property() + "`",
          "`" + option.variable() + "`",
          option.allowed(),
          option.standard().isEmpty() ? "none" : option.standard(),
          option.description());
    }
    page.append(
        """

        ## Directives

        They stand in `defaults` and in each of `upstreams`; `mode` stands at the top level too. In nginx's notation they
        have the names of the third column. A value may hold `${NAME}` and `${NAME:-default}` from the environment
        (in nginx's notation the second form only). What an upstream does not state is inherited from `defaults`.

        | directive | allowed | nginx | built in | |
        |---|---|---|---|---|
        """);
    Policy builtIn = Policy.builder("default").build();
    for (Directive directive : Directive.values()) {
      String nginx = NginxPolicy.word(directive);
      String where =
          NginxPolicy.isOfUpstream(directive)
              ? "upstream"
              : NginxPolicy.isOfServer(directive) ? "server in upstream" : "location";
      row(
          page,
          "`" + directive.word() + "`",
          directive.form().allowed(),
          nginx == null ? "" : "`" + nginx + "` (" + where + ")",
          directive.shown(builtIn),
          directive.help());
    }
    page.append(
        """

        In nginx's notation, what an `upstream` block does not state is nginx's default, chosen by the option `compat`:
        with 1.31 `keepalive 32`, `keepalive_requests 1000`, `keepalive_time 1h`, `keepalive_timeout 60s`, HTTP/1.1, no
        `Connection` header, `proxy_next_upstream error timeout`; with 1.22 no idle connections and HTTP/1.0. A
        `proxy_pass` to a host without an `upstream` block keeps nothing, in every version. `keepalive` counts for each
        server of the block by itself, since an upstream of the agent is one server. `proxy_next_upstream_tries 0`, also
        where it is not stated, means as many attempts as the block has servers that are not `down`; a number is that
        many attempts, the only server's too. Where `max_fails` is not stated, the library leaves peers out as it does
        by itself.

        ## Findings

        | id | |
        |---|---|
        """);
    for (Finding.Kind kind : Finding.Kind.values()) {
      row(page, "`" + kind.id() + "`", kind.title());
    }
    page.append("\n## Messages\n\n| id | | text |\n|---|---|---|\n");
    for (ProblemKind kind : ProblemKind.values()) {
      row(
          page,
          "`" + kind.id() + "`",
          kind.isError() ? "error" : "warning",
          kind.text("…", "…", "…", "…", "…").replace("|", "\\|"));
    }
    return page.toString();
  }

  private static void row(StringBuilder page, String... cells) {
    page.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }

  private static String schema() {
    List<String> inDefaults = new ArrayList<>();
    List<String> inUpstream = new ArrayList<>();
    for (Directive directive : Directive.values()) {
      String property =
          "        "
              + Shown.escaped(directive.word())
              + ": "
              + directive
                  .form()
                  .schema()
                  .replaceFirst(
                      "^\\{",
                      Matcher.quoteReplacement(
                          "{\"description\": " + Shown.escaped(directive.help()) + ", "));
      inUpstream.add(property);
      if (directive != Directive.MATCH) {
        inDefaults.add(property);
      }
    }
    return """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "Keepalive Agent policy",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "mode": %s,
            "compat": {"enum": ["1.22", "1.31", 1.22, 1.31]},
            "defaults": {
              "type": ["object", "null"],
              "additionalProperties": false,
              "properties": {
        %s
              }
            },
            "upstreams": {
              "type": ["array", "null"],
              "items": {
              "type": "object",
              "additionalProperties": false,
              "required": ["match"],
              "properties": {
        %s
              }
              }
            }
          }
        }
        """
        .formatted(
            Directive.MODE.form().schema(),
            String.join(",\n", inDefaults),
            String.join(",\n", inUpstream));
  }
}
