package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code return} answers. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class ReturnTest {
  private static TestProxy returning(String answer) throws Exception {
    return TestProxy.configured(
        "http { server { listen 127.0.0.1:0; server_name origin; location / { return %s; } } }"
            .formatted(answer));
  }

  @Test
  void aTextIsABody() throws Exception {
    try (TestProxy proxy = returning("201 'made ü'");
        Wire client = proxy.connect()) {
      Wire.Message response = client.get("/");
      assertEquals("HTTP/1.1 201 Created", response.start());
      assertEquals("text/plain", response.header("Content-Type"));
      assertEquals("proxy-core", response.header("Server"));
      assertEquals("made Ã¼", response.body());
      client.send("HEAD / HTTP/1.1\nHost: h\n\n");
      assertEquals("7", client.head().header("Content-Length"));
      client.send("POST / HTTP/1.1\nHost: h\nContent-Length: 4\n\nbody");
      assertEquals("HTTP/1.1 201 Created", client.message().start());
      client.send("POST / HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n4\nbody\n0\n\n");
      assertEquals("HTTP/1.1 201 Created", client.message().start());
    }
  }

  @Test
  void aRequestsBodyIsReadBeforeItIsAnswered() throws Exception {
    try (TestProxy proxy = returning("200 read");
        Wire client = proxy.connect()) {
      client.send("POST / HTTP/1.1\nHost: h\nContent-Length: 1000000\n\n");
      client.out().write(new byte[1_000_000]);
      client.out().flush();
      assertEquals("read", client.message().body());
      assertEquals("read", client.get("/").body());
      client.send("POST / HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\nx\n");
      assertEquals("HTTP/1.1 400 Bad Request", client.message().start());
      assertEquals("", client.rest());
    }
  }

  @Test
  void anExpectationIsAnsweredAtOnce() throws Exception {
    try (TestProxy proxy = returning("200 x");
        Wire client = proxy.connect()) {
      client.send("POST / HTTP/1.1\nHost: h\nExpect: 100-continue\nContent-Length: 4\n\n");
      assertEquals("x", client.message().body());
      assertEquals("", client.rest());
    }
  }

  @ParameterizedTest
  @CsvSource({"200, 0", "204, ''", "404, 1", "503, 1"})
  void aCodeAloneHasItsErrorPage(int code, String length) throws Exception {
    try (TestProxy proxy = returning(String.valueOf(code));
        Wire client = proxy.connect()) {
      for (int i = 0; i < 2; i++) {
        Wire.Message response = client.get("/");
        assertEquals(String.valueOf(code), response.start().substring(9, 12));
        if (length.equals("1")) {
          assertEquals("text/html", response.header("Content-Type"));
        } else {
          assertEquals(length, response.header("Content-Length"));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "http://example.org$request_uri, 302, http://example.org/a%20b?c",
    "https://example.org, 302, https://example.org",
    "301 https://$host$request_uri, 301, https://name/a%20b?c",
    "308 https://h$uri, 308, https://h/a%20b",
    "307 /other, 307, http://name:PORT/other"
  })
  void anAddressIsARedirection(String answer, int code, String location) throws Exception {
    try (TestProxy proxy = returning(answer);
        Wire client = proxy.connect()) {
      client.send("GET /a%20b?c HTTP/1.1\nHost: NAME:1\n\n");
      Wire.Message response = client.message();
      String port = String.valueOf(proxy.address().getPort());
      assertEquals(String.valueOf(code), response.start().substring(9, 12));
      assertEquals(location.replace("PORT", port), response.header("Location"));
      assertEquals("text/html", response.header("Content-Type"));
    }
  }

  @Test
  void nothingEndsTheHeaderOfARedirection() throws Exception {
    try (TestProxy proxy = returning("302 http://h$uri");
        Wire client = proxy.connect()) {
      Wire.Message response = client.get("/a%0d%0aSet-Cookie:%20x");
      assertEquals("http://h/a%0D%0ASet-Cookie:%20x", response.header("Location"));
      assertEquals("", response.header("Set-Cookie"));
    }
  }

  @Test
  void noAnswerAtAllIs444() throws Exception {
    try (TestProxy proxy = returning("444");
        Wire client = proxy.connect()) {
      client.send("GET / HTTP/1.1\nHost: h\n\n");
      assertEquals("", client.rest());
    }
  }

  @Test
  void theHostOfAnAbsoluteTargetCounts() throws Exception {
    try (TestProxy proxy = returning("200 '$host $http_host $request_uri $request'");
        Wire client = proxy.connect()) {
      client.send("GET http://Other:8/x HTTP/1.1\nHost: h\n\n");
      assertEquals("other h /x GET http://Other:8/x HTTP/1.1", client.message().body());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "$msec|\\d{10}\\.\\d{3}",
        "$time_local|\\d\\d/[A-Z][a-z]{2}/\\d{4}:\\d\\d:\\d\\d:\\d\\d [+-]\\d{4}",
        "$time_iso8601|\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d[+-]\\d\\d:\\d\\d",
        "$pid $connection $remote_port|\\d+ \\d+ \\d+",
        "$request_id|[0-9a-f]{32}",
        "$hostname $nginx_version|[^ ]+ unpackaged"
      })
  void variablesHaveTheirForm(String text, String expected) throws Exception {
    try (TestProxy proxy = returning("200 \"" + text + "\"");
        Wire client = proxy.connect()) {
      String body = client.get("/").body();
      assertTrue(body.matches(expected), body);
    }
  }

  @Test
  void aServerReturnsBeforeItsLocations() throws Exception {
    try (TestProxy proxy =
            TestProxy.configured(
                "http { server { listen 127.0.0.1:0; return 200 s; return 200 t; location / {"
                    + " return 200 l; } } }");
        Wire client = proxy.connect()) {
      assertEquals("s", client.get("/").body());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "$request_method $request_uri $uri ${args}|GET /a//b?c=1&D=%20 /a/b c=1&D=%20",
        "$arg_c-$arg_d-$arg_e-$is_args-$query_string|1-%20--?-c=1&D=%20",
        "$host $server_name $http_host $http_x_y $http_none.|name origin NAME:1 z .",
        "$request $server_protocol $scheme|GET /a//b?c=1&D=%20 HTTP/1.1 HTTP/1.1 http",
        "$remote_addr $server_addr $connection_requests|127.0.0.1 127.0.0.1 1",
        "$content_length.$content_type|.text/x",
        "$https.$proxy_host.$proxy_port.$remote_user|...joe",
        "$cookie_a,$cookie_B,$http_cookie|1,2,a=1; b=2; c=3",
        "$proxy_add_x_forwarded_for|1.2.3.4, 5.6.7.8, 127.0.0.1"
      })
  void variablesHaveTheirValues(String text, String expected) throws Exception {
    try (TestProxy proxy = returning("200 \"" + text + "\"");
        Wire client = proxy.connect()) {
      client.send(
          """
          GET /a//b?c=1&D=%20 HTTP/1.1
          Host: NAME:1
          X-Y: z
          X-Y: y
          Content-Type: text/x
          Cookie: a=1; b=2
          Cookie: c=3
          Authorization: Basic am9lOnB3
          X-Forwarded-For: 1.2.3.4
          X-Forwarded-For: 5.6.7.8

          """);
      assertEquals(expected, client.message().body());
    }
  }
}
