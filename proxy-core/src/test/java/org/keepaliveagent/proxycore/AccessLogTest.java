package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is in the access logs, and when. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class AccessLogTest {
  @TempDir private Path dir;
  private Path file;
  private LogLines lines;

  @BeforeEach
  void place() {
    file = dir.resolve("access.log");
    lines = new LogLines(file);
  }

  /** A server with this in it, and in the block around it. */
  private TestProxy proxy(String http, String server) throws Exception {
    String text = "http { %s server { listen 127.0.0.1:0; %s } }".formatted(http, server);
    return TestProxy.configured(config(text));
  }

  private ProxyConfig config(String text) throws ConfigException {
    return ProxyConfig.parse(dir, "nginx.conf", "", text);
  }

  @Test
  void combinedIsTheFormatWithoutOne() throws Exception {
    try (TestProxy proxy = proxy("access_log access.log;", "location / { return 200 hello; }");
        Wire client = proxy.connect()) {
      client.send(
          "GET /a?b HTTP/1.1\nHost: h\nReferer: r\nUser-Agent: u\"x\\y\nAuthorization: Basic am9lOnB3\n\n");
      assertEquals("hello", client.message().body());
      client.get("/");
      List<String> all = lines.await(2);
      String time = "\\[\\d\\d/[A-Z][a-z]{2}/\\d{4}:\\d\\d:\\d\\d:\\d\\d [+-]\\d{4}]";
      assertTrue(
          all.get(0)
              .matches(
                  "127\\.0\\.0\\.1 - joe "
                      + time
                      + " \"GET /a\\?b HTTP/1\\.1\" 200 5 \"r\" \"u\\\\x22x\\\\x5Cy\""),
          all.get(0));
      assertTrue(all.get(1).endsWith("\"GET / HTTP/1.1\" 200 5 \"-\" \"-\""), all.get(1));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "''|q\\x22\\x5C\\x09\\xE9 - -.",
        "escape=default|q\\x22\\x5C\\x09\\xE9 - -.",
        "escape=json|q\\\"\\\\\\té  .",
        "escape=none|q\"\\\té  ."
      })
  void valuesAreEscaped(String escape, String expected) throws Exception {
    try (TestProxy proxy =
            proxy(
                "log_format f %s '$http_x ' '$http_none $cookie_none.';".formatted(escape),
                "access_log access.log f; location / { return 200; }");
        Wire client = proxy.connect()) {
      client.send("GET / HTTP/1.1\nHost: h\nX: q\"\\\té\n\n").message();
      assertEquals(expected, lines.await(1).get(0));
    }
  }

  @Test
  void theNearestBlockWithLogsHasAllOfThem() throws Exception {
    String formats = "log_format a 'a $uri'; log_format b 'b $uri';";
    String server =
        """
        access_log access.log a; access_log access.log b; access_log other.log a;
        location / { return 200; }
        location /own { access_log own.log b; return 200; }
        location /off { access_log off; return 200; }
        """;
    try (TestProxy proxy = proxy(formats + "access_log http.log;", server);
        Wire client = proxy.connect()) {
      for (String path : List.of("/1", "/own", "/off", "/2")) {
        client.get(path);
      }
      assertEquals(List.of("a /1", "b /1", "a /2", "b /2"), lines.await(4));
      assertEquals(List.of("a /1", "a /2"), new LogLines(dir.resolve("other.log")).await(2));
      assertEquals(List.of("b /own"), new LogLines(dir.resolve("own.log")).await(1));
      assertEquals(List.of(), new LogLines(dir.resolve("http.log")).all());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET /x\\n\\n|400 GET /x - 0",
        "GET / HTTP/1.1\\nHost: h\\nContent-Length: 1\\nContent-Length: 2\\n\\n|"
            + "400 GET / HTTP/1.1 / 44",
        "GET /a b HTTP/1.1\\nHost: h\\n\\n|400 GET /a b HTTP/1.1 - 0",
        "GET / HTTP/1.1\\n\\n|400 GET / HTTP/1.1 / 16",
        "GET /none HTTP/1.1\\nHost: h\\n\\n|404 GET /none HTTP/1.1 /none 31",
        "GET /444 HTTP/1.1\\nHost: h\\n\\n|444 GET /444 HTTP/1.1 /444 30",
        "POST /ok HTTP/1.1\\nHost: h\\nContent-Length: 3\\n\\nabc|200 POST /ok HTTP/1.1 /ok 52",
        "POST /ok HTTP/1.1\\nHost: h\\nTransfer-Encoding: chunked\\n\\n3\\nabc\\n0\\n\\n|"
            + "200 POST /ok HTTP/1.1 /ok 71"
      })
  void eachEndOfARequestHasItsLine(String request, String expected) throws Exception {
    try (TestProxy proxy =
        proxy(
            "log_format f '$status $request $uri $request_length';",
            "access_log access.log f; location /444 { return 444; } location /ok { return 200 x; }")) {
      try (Wire client = proxy.connect()) {
        client.send(request.replace("\\n", "\n"));
        lines.await(1);
      }
      proxy.stop(Duration.ZERO);
      assertEquals(List.of(expected), lines.all());
    }
  }

  @Test
  void aClientThatGoesBeforeItsAnswerHasOne() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    String format = "log_format f '$status $bytes_sent $upstream_status $upstream_response_time';";
    try (Origin origin =
            Origin.answering(
                (serial, request) -> {
                  asked.countDown();
                  Thread.sleep(Long.MAX_VALUE);
                  return "";
                });
        TestProxy proxy = TestProxy.configured(config(passing(format, origin)))) {
      try (Wire client = proxy.connect()) {
        client.send("GET / HTTP/1.1\nHost: h\n\n");
        asked.await();
      }
      String line = lines.await(1).get(0);
      assertTrue(line.matches("499 0 - \\d+\\.\\d{3}"), line);
      try (Wire client = proxy.connect()) {
        client.send("POST / HTTP/1.1\nHost: h\nContent-Length: 5\n\nab");
        TestProxy.await("the request to be here", () -> proxy.clientCount() == 1);
        proxy.exchange();
      }
      line = lines.await(2).get(1);
      assertTrue(line.startsWith("400 0 -"), line);
    }
  }

  private static String passing(String formats, Origin origin) {
    return "http { %s server { listen 127.0.0.1:0; access_log access.log f; location / { proxy_pass http://127.0.0.1:%d; proxy_set_header X-Sent $http_x; proxy_set_header X changed; } } }"
        .formatted(formats, origin.port());
  }

  @Test
  void aHalfRequestIsABadOne() throws Exception {
    try (TestProxy proxy = proxy("access_log access.log;", "location / { return 200; }")) {
      try (Wire client = proxy.connect()) {
        client.send("GET / HTTP/1.1\nHost: h\nX:");
        TestProxy.await("the client to be here", () -> proxy.clientCount() == 1);
      }
      String line = lines.await(1).get(0);
      assertTrue(line.contains("\"GET / HTTP/1.1\" 400 0 "), line);
    }
  }

  @Test
  void linesAreWholeAndInOrder() throws Exception {
    try (Origin origin = Origin.answering((serial, request) -> Origin.ok(request.start()));
        TestProxy proxy =
            TestProxy.configured(
                config(passing("log_format f '$connection_requests $uri';", origin)));
        Wire client = proxy.connect()) {
      StringBuilder requests = new StringBuilder();
      for (int i = 1; i <= 300; i++) {
        requests.append("GET /%d HTTP/1.1\nHost: h\n\n".formatted(i));
      }
      client.send(requests.toString());
      for (int i = 1; i <= 300; i++) {
        client.message();
      }
      List<String> all = lines.await(300);
      for (int i = 1; i <= 300; i++) {
        assertEquals(i + " /" + i, all.get(i - 1));
      }
    }
  }

  @Test
  void variablesTellWhatTheClientHasSentAndBeenSent() throws Exception {
    String format =
        "log_format f '$status $body_bytes_sent $request_body $http_x $http_host $sent_http_y"
            + " $upstream_http_y $upstream_http_none $upstream_bytes_sent $upstream_bytes_received"
            + " $upstream_response_length $request_length $bytes_sent $proxy_host';";
    String answer = "HTTP/1.1 201 Made\nY: z\nTransfer-Encoding: chunked\n\n2\nab\n0\n\n";
    try (Origin origin = Origin.answering((serial, request) -> answer);
        TestProxy proxy = TestProxy.configured(config(passing(format, origin)));
        Wire client = proxy.connect()) {
      client.send("POST / HTTP/1.1\nHost: h\nX: 1\nContent-Length: 4\n\nbody");
      assertEquals("ab", client.message().body());
      int host = String.valueOf(origin.port()).length() + "127.0.0.1:".length();
      int sent =
          "POST / HTTP/1.1..Host: ..X-Sent: 1..X: changed..Content-Length: 4....body".length();
      assertEquals(
          "201 12 body 1 h z z - %d 67 12 57 67 127.0.0.1:%d".formatted(sent + host, origin.port()),
          lines.await(1).get(0));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "access_log x nope;|unknown log format \"nope\"",
        "access_log off x;|invalid parameter \"x\"",
        "access_log x combined buffer=1k;|invalid parameter \"buffer=1k\"",
        "access_log syslog:server=h;|only a file is supported, not \"syslog:server=h\"",
        "access_log x$uri;|only a file is supported, not \"x$uri\"",
        "log_format a;|invalid number of arguments in \"log_format\" directive",
        "log_format a $nope;|unknown \"nope\" variable",
        "log_format a escape=x y;|unknown log format escaping \"x\"",
        "log_format combined x;|duplicate \"log_format\" name \"combined\"",
        "log_format a x; log_format a y;|duplicate \"log_format\" name \"a\"",
        "server { log_format a x; }|\"log_format\" directive is not allowed here"
      })
  void aMistakeIsTold(String directives, String message) {
    ConfigException mistake =
        assertThrows(ConfigException.class, () -> config("http { " + directives + " }"));
    assertEquals(message + " in nginx.conf:1", mistake.getMessage());
  }

  @Test
  void aFormatIsKnownFromItsLineOn() throws Exception {
    assertThrows(
        ConfigException.class, () -> config("http { access_log x a;\nlog_format a $uri; }"));
    config("http { log_format a $uri;\naccess_log x a; }");
  }
}
