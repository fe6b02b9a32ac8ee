package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which location a request belongs to, and what the upstream is asked for then. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class LocationTest {
  @ParameterizedTest
  @CsvSource({
    "/, /",
    "/x, /x",
    "/x?y=/api, /x?y=/api",
    "/api, /v2",
    "/api/a?b, /v2/a?b",
    "/api/?, /v2/?",
    "/api//a/./b/../c, /v2/a/c",
    "/%61pi/%41%20%3f%25, /v2/A%20%3F%25",
    "/x/../api/a, /v2/a",
    "/api/raw/a, /api/raw/a",
    "/api/raw//%61?b, /api/raw//%61?b",
    "/d/e, /e",
    "/d/e#f, /e",
    "http://h/api, /v2",
    "http://h, /",
    "http://h?a, /?a"
  })
  void theUpstreamIsAskedForWhatProxyPassSays(String target, String expected) throws Exception {
    try (Origin origin = Origin.answering((serial, request) -> Origin.ok(request.start()));
        TestProxy proxy =
            TestProxy.configured(
                """
                http {
                  upstream u { server 127.0.0.1:%d; }
                  server {
                    listen 127.0.0.1:0;
                    location / { proxy_pass http://u; }
                    location /api/raw { proxy_pass http://u; }
                    location /api { proxy_pass http://u/v2; }
                    location /d/ { proxy_pass http://u/; }
                  }
                }
                """
                    .formatted(origin.port()));
        Wire client = proxy.connect()) {
      assertEquals("GET " + expected + " HTTP/1.1", client.get(target).body());
    }
  }

  /** The example of nginx's documentation, and more. */
  @ParameterizedTest
  @CsvSource({
    "/, exact",
    "/index.html, prefix",
    "/documents/document.html, documents",
    "/images/1.gif, images",
    "/documents/1.jpg, picture",
    "/documents/1.JPG, picture",
    "/documents/1.JPG?x=.txt, picture",
    "/documents/1.txt, text",
    "/documents/1.TXT, documents",
    "/documents/%31.txt, text",
    "/exact, joined",
    "/exact/, prefix",
    "/images/../documents/, documents"
  })
  void theLocationIsChosenAsNginxDoes(String target, String expected) throws Exception {
    try (TestProxy proxy =
            TestProxy.configured(
                """
                http {
                  server {
                    listen 127.0.0.1:0;
                    location ~* \\.(gif|jpg)$ { return 200 picture; }
                    location ~ \\.txt$ { return 200 text; }
                    location / { return 200 prefix; }
                    location = / { return 200 exact; }
                    location =/exact { return 200 joined; }
                    location /documents/ { return 200 documents; }
                    location ^~ /images/ { return 200 images; }
                  }
                }
                """);
        Wire client = proxy.connect()) {
      assertEquals(expected, client.get(target).body());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/..", "/a/../../b", "/%2e%2e/", "/%00", "/%4", "/%zz", "*", "a"})
  void aPathThatLeadsNowhereIsABadRequest(String target) throws Exception {
    try (TestProxy proxy =
            TestProxy.configured("http { server { listen 127.0.0.1:0; return 200 x; } }");
        Wire client = proxy.connect()) {
      assertEquals("HTTP/1.1 400 Bad Request", client.get(target).start());
      assertEquals("", client.rest());
    }
  }

  @Test
  void whereNoLocationIsThereIsNothing() throws Exception {
    try (TestProxy proxy =
            TestProxy.configured(
                "http { server { listen 127.0.0.1:0; location /a { return 200 a; } } }");
        Wire client = proxy.connect()) {
      assertEquals("HTTP/1.1 404 Not Found", client.get("/b").start());
      assertEquals("a", client.get("/a").body());
    }
  }
}
