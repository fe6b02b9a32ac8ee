package org.keepaliveagent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.keepaliveagent.policy.Policy;
import org.keepaliveagent.policy.PolicyTable;

/** Policies in nginx's notation. */
class NginxNotationTest {
  private static final PolicyReader READER =
      new PolicyReader(null, Compat.V1_31, Map.of("LIMIT", "7")::get);

  @TempDir Path folder;

  /** Each policy in both notations. */
  static List<List<String>> twins() {
    String standard =
        """
            http_version: "1.1"
            set_header: {Connection: ""}
            next_upstream: [error, timeout]
        """;
    return List.of(
        List.of(
            """
            upstream payments { server payments.internal:8443 max_fails=3 fail_timeout=10s max_conns=200;
                                keepalive 32; keepalive_timeout 4s; keepalive_requests 1000; }
            server { location / { proxy_pass https://payments; proxy_http_version 1.1; proxy_set_header Connection "";
                                  proxy_next_upstream error timeout http_503; proxy_next_upstream_tries 2; } }
            """,
            """
            upstreams:
              - name: payments
                match: "payments.internal:8443"
                max_fails: 3
                fail_timeout: 10s
                max_conns: 200
                keepalive: 32
                keepalive_timeout: 4s
                keepalive_requests: 1000
                keepalive_time: 1h
                http_version: "1.1"
                set_header: {Connection: ""}
                next_upstream: [error, timeout, http_503]
                next_upstream_tries: 2
            """),
        List.of(
            """
            http {
              proxy_connect_timeout 2;
              proxy_read_timeout 1m30s;
              upstream a { server a1:81; server a2 max_fails=0; server [::1]:83; keepalive 8 local; keepalive_timeout 75; }
              server {
                proxy_send_timeout 500ms;
                proxy_socket_keepalive on;
                proxy_next_upstream_timeout 5s;
                location /x {
                  proxy_ssl_server_name on; proxy_ssl_session_reuse off;
                  health_check uri=/healthz interval=5s fails=3 passes=2;
                  proxy_next_upstream off;
                  location /x/y { proxy_pass http://a/z; }
                }
              }
            }
            """
                .replace("proxy_next_upstream off;", "proxy_next_upstream error non_idempotent;"),
            """
            defaults: {}
            upstreams:
              - name: a
                match: ["a1:81", "[::1]:83"]
                keepalive: 8
                keepalive_timeout: 75s
                keepalive_requests: 1000
                keepalive_time: 1h
                connect_timeout: 2s
                read_timeout: 90s
                send_timeout: 500ms
                socket_keepalive: on
                next_upstream_timeout: 5s
                next_upstream_tries: 3
                ssl_server_name: on
                ssl_session_reuse: off
                health_check: {uri: /healthz, interval: 5s, fails: 3, passes: 2}
                next_upstream: [error, non_idempotent]
                http_version: "1.1"
                set_header: {Connection: ""}
              - name: a
                match: "a2:80"
                max_fails: 0
                keepalive: 8
                keepalive_timeout: 75s
                keepalive_requests: 1000
                keepalive_time: 1h
                connect_timeout: 2s
                read_timeout: 90s
                send_timeout: 500ms
                socket_keepalive: on
                next_upstream_timeout: 5s
                next_upstream_tries: 3
                ssl_server_name: on
                ssl_session_reuse: off
                health_check: {uri: /healthz, interval: 5s, fails: 3, passes: 2}
                next_upstream: [error, non_idempotent]
                http_version: "1.1"
                set_header: {Connection: ""}
            """),
        List.of(
            "upstream off { server o:80; keepalive 0; }",
            """
            upstreams:
              - name: "off"
                match: "o:80"
                keepalive: off
            """
                + standard),
        List.of(
            "location / { proxy_pass https://api.example.com/v1/; proxy_next_upstream off; }",
            """
            upstreams:
              - match: "api.example.com:443"
                keepalive: 0
                http_version: "1.1"
                set_header: {Connection: ""}
                next_upstream: off
            """),
        List.of(
            "upstream u { server u:1; keepalive ${LIMIT:-3}; keepalive_time ${AGE:-30m}; }",
            """
            upstreams:
              - name: u
                match: "u:1"
                keepalive: ${LIMIT}
                keepalive_time: ${AGE:-30m}
                keepalive_timeout: 60s
                keepalive_requests: 1000
            """
                + standard));
  }

  @ParameterizedTest
  @MethodSource("twins")
  void bothNotationsGiveTheSameModel(List<String> twin) throws IOException {
    assertEquals(model(good("twin.yaml", twin.get(1))), model(good("twin.conf", twin.get(0))));
  }

  private static List<String> model(PolicyTable table) {
    List<String> lines = new ArrayList<>();
    for (PolicyTable.Entry entry : table.entries()) {
      lines.add("match " + entry.patterns());
      lines.addAll(shown(entry.policy()));
    }
    lines.addAll(shown(table.defaults()));
    return lines;
  }

  private static List<String> shown(Policy policy) {
    List<String> lines = new ArrayList<>();
    for (Directive directive : Directive.values()) {
      lines.add(directive.word() + " " + directive.shown(policy));
    }
    return lines;
  }

  @Test
  void nginxsOwnDefaultsFollowCompat() throws IOException {
    String text = "upstream u { server u:80; } location / { proxy_pass http://u; }";
    Policy now = good("u.conf", text).of("http", "u", 80);
    assertEquals(32, now.maxIdle());
    assertFalse(now.http10());
    PolicyReader old = new PolicyReader(null, Compat.V1_22, name -> null);
    Policy before = old.read(write("u.conf", text)).table().of("http", "u", 80);
    assertTrue(before.parksNothing());
    assertTrue(before.http10());
  }

  @Test
  void theFirstPitfallOfTheOldDefaultsIsWarnedOf() throws IOException {
    PolicyReader old = new PolicyReader(null, Compat.V1_22, name -> null);
    PolicyReading reading =
        old.read(
            write(
                "u.conf",
                "upstream u { server u:80; keepalive 8; }\\nlocation / { proxy_pass http://u; }"
                    .replace("\\n", "\n")));
    assertNotNull(reading.table());
    assertEquals(List.of("KA204"), ids(reading));
  }

  @Test
  void aConnectionHeaderFromAVariableIsNginxsBusiness() throws IOException {
    Policy policy =
        good(
                "u.conf",
                "upstream u { server u:80; } location / { proxy_pass http://u;"
                    + " proxy_set_header Connection $connection_upgrade; }")
            .of("http", "u", 80);
    assertEquals(Map.of(), policy.headers());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "upstream u { server a:1; } }                     | KA160 1:28 unexpected }",
        "upstream u { server a:1;                         | KA160 1:24 unexpected end of file",
        "upstream u { server a:1 }                        | KA160 1:25 unexpected }",
        "upstream u { server a:1                          | KA160 1:23 directive \"server\" is not terminated",
        "keepalive \"4;                                   | KA160 1:13 unexpected end of file, expecting \"",
        "keepalive \"4\"5;                                | KA160 1:13 unexpected \"5\" after a quote",
        "; keepalive 4;                                   | KA160 1:1 unexpected ;",
        "upstream u { server a:1; keepalive many; }       | KA102 1:36 keepalive: \"many\" is not",
        "upstream u { server a:1; keepalive 1; keepalive 2; } | KA122 1:39 keepalive: \"keepalive\" is stated twice",
        "upstream u { server a:1; keepalive; }            | KA166 1:26 keepalive: keepalive has a wrong number",
        "upstream u { server a:1; keepalive_requests 0; } | KA109 1:45 keepalive_requests: 0 would let",
        "upstream u { server a:1; keepalive 0; keepalive_timeout 5s; } | KA130 1:57 keepalive_timeout: keepalive_timeout contradicts",
        "upstream u { server a:1 max_fails=x; }           | KA102 1:25 server: \"x\" is not",
        "upstream { server a:1; }                         | KA166 1:1 upstream: upstream has a wrong number",
        "upstream u { keepalive 3; }                      | KA165 1:1 upstream: the upstream \"u\" has no server",
        "upstream u { server a:1; } upstream u { server b:1; } | KA164 1:28 upstream: the upstream \"u\" is stated twice",
        "location / { proxy_pass ftp://x; }               | KA167 1:14 proxy_pass: \"ftp://x\" is no URL",
        "location / { proxy_pass http://x; proxy_next_upstream sometimes; } | KA102 1:55 proxy_next_upstream: \"sometimes\" is not",
        "include none.conf;                               | KA162 1:1 include: cannot include",
        "upstream u { server a:1; } upstream v { server a:1; keepalive 3; } | KA133 1:48 server: \"a:1\" never matches",
      })
  void aMistakeIsExplainedAtItsPlace(String text, String expected) throws IOException {
    PolicyReading reading = READER.read(write("p.conf", text.trim()));
    assertNull(reading.table(), reading.problems().toString());
    Problem first = reading.problems().stream().filter(Problem::isError).findFirst().get();
    String said = first.toString().replace(folder + "/p.conf:", "");
    assertTrue(
        said.replace(": unexpected", " unexpected")
            .replace(": directive", " directive")
            .startsWith(expected.stripTrailing()),
        said);
  }

  @Test
  void twoLocationsThatDisagreeAreAnErrorThatNamesBoth() throws IOException {
    PolicyReading reading =
        READER.read(
            write(
                "p.conf",
                """
                upstream u { server u:80; }
                server {
                  location /a { proxy_pass http://u; proxy_next_upstream error; }
                  location /b { proxy_pass http://u/x; }
                  location /c { proxy_pass http://u; proxy_next_upstream error; }
                }
                """));
    assertNull(reading.table());
    assertEquals(List.of("KA135"), ids(reading));
    String said = reading.problems().get(0).toString();
    assertTrue(said.contains("p.conf:4:17"), said);
    assertTrue(said.contains("p.conf:3"), said);
  }

  @Test
  void whatIsNotOursIsListedOnce() throws IOException {
    PolicyReading reading =
        READER.read(
            write(
                "p.conf",
                """
                worker_processes 4; # comment
                events { worker_connections 10; }
                http {
                  map $a $b { default "x;y}"; }
                  content_by_lua_block { if x then { ngx.say("}\\"}") } end }
                  upstream u { zone z 64k; least_conn; server u:80 weight=3; keepalive 4; }
                  server {
                    proxy_set_header Host $host;
                    location / { proxy_pass http://u; proxy_buffering off; }
                    location /v { proxy_pass http://$backend; }
                  }
                }
                """));
    assertNotNull(reading.table(), reading.problems().toString());
    assertEquals(List.of("KA205", "KA203"), ids(reading));
    String said = reading.problems().get(0).message();
    for (String skipped :
        List.of(
            "events",
            "map",
            "least_conn",
            "proxy_buffering",
            "server ... weight",
            "zone",
            "proxy_set_header Host",
            "content_by_lua_block")) {
      assertTrue(said.contains(skipped), said);
    }
    assertEquals(4, reading.table().of("http", "u", 80).maxIdle());
  }

  @Test
  void filesAreIncludedByNameAndByPattern() throws IOException {
    Files.createDirectories(folder.resolve("conf.d/sub"));
    write("conf.d/b.conf", "upstream b { server b:80; keepalive 2; }\n");
    write("conf.d/a.conf", "upstream a { server a:80; keepalive 1; include sub/limits; }\n");
    write("conf.d/.hidden.conf", "}");
    Files.createDirectories(folder.resolve("sub"));
    write("sub/limits", "keepalive_timeout 3s;\n");
    PolicyReading reading =
        READER.read(write("p.conf", "http { include conf.d/*.conf; include none/*.conf; }\n"));
    assertNotNull(reading.table(), reading.problems().toString());
    assertEquals(3_000_000_000L, reading.table().of("http", "a", 80).idleNanos());
    assertEquals(2, reading.table().of("http", "b", 80).maxIdle());
    assertFalse(reading.sources().changed());
    write("conf.d/c.conf", "");
    assertTrue(reading.sources().changed());
  }

  @Test
  void aMistakeInAnIncludedFileIsSaidAtItsPlaceThere() throws IOException {
    write("more.conf", "upstream a {\n  server a:80;\n  keepalive x;\n}\n");
    PolicyReading reading = READER.read(write("p.conf", "include more.conf;\n"));
    assertTrue(
        reading.problems().stream().anyMatch(p -> p.toString().contains("more.conf:3:13")),
        reading.problems().toString());
  }

  @Test
  void aFileThatIncludesItselfIsAnError() throws IOException {
    PolicyReading reading = READER.read(write("p.conf", "include p.conf;\n"));
    assertEquals(List.of("KA161"), ids(reading));
  }

  @Test
  void wordsAreReadAsNginxReadsThem() throws IOException {
    Document document = document("a 'b \\' \\\\ \\x' \"c;{}\" d\\ne ${f}h #i;\nj#k;");
    List<NginxDirective> read = parse(document);
    assertEquals(1, read.size());
    List<String> words = read.get(0).arguments().stream().map(NginxWord::text).toList();
    assertEquals(List.of("b ' \\ \\x", "c;{}", "d\ne", "${f}h"), words.subList(0, 4));
  }

  private static List<NginxDirective> parse(Document document) {
    try {
      return NginxParser.parse(document, null);
    } catch (NginxParser.Broken e) {
      throw new AssertionError(e);
    }
  }

  private static Document document(String text) {
    Problems problems = new Problems("x.conf");
    SourceText source =
        SourceText.decode(text.getBytes(StandardCharsets.UTF_8), "x.conf", problems);
    return new Document("x.conf", source, problems, name -> null);
  }

  @Test
  @Timeout(30)
  void hostileFilesGiveProblemsAndNothingElse() throws IOException {
    for (String hostile :
        List.of(
            "a {".repeat(100_000),
            "a ".repeat(400_000),
            "\"".repeat(100_001),
            "upstream u { " + "server a:1; ".repeat(50_000) + "}}",
            "upstream u { server a:1; keepalive " + "9".repeat(100_000) + "; }",
            "include " + "*".repeat(1000) + "/".repeat(1000) + ";}")) {
      PolicyReading reading = READER.read(write("p.conf", hostile));
      assertNull(reading.table(), hostile.substring(0, 20));
      assertFalse(ids(reading).contains("KA199"), reading.problems().toString());
    }
  }

  private PolicyTable good(String name, String text) throws IOException {
    PolicyReading reading = READER.read(write(name, text));
    assertNotNull(reading.table(), reading.problems().toString());
    return reading.table();
  }

  private static List<String> ids(PolicyReading reading) {
    return reading.problems().stream().map(Problem::id).toList();
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }
}
