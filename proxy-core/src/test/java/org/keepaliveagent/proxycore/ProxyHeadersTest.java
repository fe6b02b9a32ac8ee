package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code proxy_set_header} does to a request. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class ProxyHeadersTest {
  private final SeenRequests requests = new SeenRequests();

  /** The headers that arrive of a request with these, by a location that has these directives. */
  private List<String> sent(String outer, String inner, String headers) throws Exception {
    try (Origin origin = requests.origin(Origin.ok("x"));
        TestProxy proxy =
            TestProxy.configured(
                "http { upstream up { server 127.0.0.1:%d; } %s server { listen 127.0.0.1:0; location / { proxy_pass http://up; %s } } }"
                    .formatted(origin.port(), outer, inner));
        Wire client = proxy.connect()) {
      client.send("GET /a%20b HTTP/1.1\n" + headers.replace(", ", "\n") + "\n\n");
      assertEquals("x", client.message().body());
      return requests.next().head().lines();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|''|Host: h, X: 1|Host: up, X: 1",
        "''|''|X: 1, hOST: h|X: 1, hOST: up",
        "''|proxy_set_header Host $http_host;|Host: H:1|Host: H:1",
        "''|proxy_set_header hOst $host;|Host: H:1|Host: h",
        "''|proxy_set_header Host '';|Host: h, X: 1|X: 1",
        "''|proxy_set_header x '';|Host: h, X: 1, X: 2|Host: up",
        "''|proxy_set_header X a$http_x; proxy_set_header x b$http_x;|Host: h, X: 1, X: 2|"
            + "Host: up, X: a1, x: b1",
        "''|proxy_set_header X ü;|Host: h|Host: up, X: Ã¼",
        "''|proxy_set_header X-Real $remote_addr:$proxy_port; proxy_set_header X-Host $proxy_host;|"
            + "Host: h|Host: up, X-Real: 127.0.0.1:80, X-Host: up",
        "proxy_set_header X outer;|''|Host: h|Host: up, X: outer",
        "proxy_set_header X outer;|proxy_set_header Y inner;|Host: h|Host: up, Y: inner",
        "''|proxy_set_header Connection ''; proxy_set_header TE x; proxy_set_header Upgrade '';|"
            + "Host: h, Connection: a, TE: b, Upgrade: c|Host: up, Connection: a, TE: b, Upgrade: c",
        "''|proxy_set_header Content-Length 7; proxy_set_header Transfer-Encoding chunked;|"
            + "Host: h|Host: up"
      })
  void aHeaderIsSetOrRemoved(String outer, String inner, String headers, String expected)
      throws Exception {
    assertEquals(expected, String.join(", ", sent(outer, inner, headers)));
  }

  @Test
  void aValueThatWouldEndTheHeaderIsABadRequest() throws Exception {
    try (Origin origin = requests.origin(Origin.ok("x"));
        TestProxy proxy = TestProxy.with("proxy_set_header X a$uri;", origin);
        Wire client = proxy.connect()) {
      client.send("POST /%0d%0aEvil:1 HTTP/1.1\nHost: h\nContent-Length: 2\n\nab");
      assertEquals("HTTP/1.1 400 Bad Request", client.message().start());
      assertEquals(0, origin.accepted());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "X $nope|unknown \"nope\" variable",
        "X $|invalid variable name",
        "'a b' c|invalid header name \"a b\"",
        "Connection $nope|unknown \"nope\" variable"
      },
      quoteCharacter = '~')
  void aMistakeIsTold(String arguments, String message) {
    String text =
        "http { server { location / { proxy_pass http://127.0.0.1; proxy_set_header %s; } } }";
    ConfigException mistake =
        assertThrows(
            ConfigException.class,
            () -> ProxyConfig.parse("nginx.conf", text.formatted(arguments)));
    assertEquals(message + " in nginx.conf:1", mistake.getMessage());
  }
}
