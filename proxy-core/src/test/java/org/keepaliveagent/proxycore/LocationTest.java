package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which location a request belongs to. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class LocationTest {
  @ParameterizedTest
  @CsvSource({
    "/, /",
    "/x, /x",
    "/api, /v2",
    "/api/a?b, /v2/a?b",
    "/api/raw/a, /api/raw/a",
    "/d/e, /e",
    "http://h/api, /v2",
    "http://h, /"
  })
  void theLongestPrefixSaysWhere(String target, String expected) throws Exception {
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
}
