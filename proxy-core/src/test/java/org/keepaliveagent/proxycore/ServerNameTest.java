package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which server of an address gets a request. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class ServerNameTest {
  @ParameterizedTest
  @CsvSource({
    "example.org, exact",
    "EXAMPLE.ORG:8080, exact",
    "example.org., exact",
    "a.example.org, wildcard start",
    "a.b.example.org, longer wildcard start",
    "b.example.org, wildcard start",
    "mail.example.org, wildcard start",
    "mail.example.com, wildcard end",
    "mail.example, wildcard end",
    "dotted.net, dotted",
    "www.dotted.net, dotted",
    "www12.example.net, regex",
    "www.example.net, default",
    "other, default",
    "[::1]:80, default",
    "first, first"
  })
  void theNameThatFitsBestCounts(String host, String expected) throws Exception {
    try (TestProxy proxy =
            TestProxy.configured(
                """
                http {
                  server { listen 127.0.0.1:0; server_name first; return 200 first; }
                  server { listen 127.0.0.1:0; server_name ~^www\\d+\\. ~^www12; return 200 regex; }
                  server { listen 127.0.0.1:0; server_name mail.*; return 200 'wildcard end'; }
                  server { listen 127.0.0.1:0; server_name *.example.org; return 200 'wildcard start'; }
                  server { listen 127.0.0.1:0; server_name *.b.example.org; return 200 'longer wildcard start'; }
                  server { listen 127.0.0.1:0; server_name x example.org; return 200 exact; }
                  server { listen 127.0.0.1:0; server_name .dotted.net; return 200 dotted; }
                  server { listen 127.0.0.1:0 default_server; return 200 default; }
                }
                """);
        Wire client = proxy.connect()) {
      client.send("GET / HTTP/1.1\nHost: " + host + "\n\n");
      assertEquals(expected, client.message().body());
    }
  }

  @Test
  void theFirstServerIsTheDefault() throws Exception {
    try (TestProxy proxy =
            TestProxy.configured(
                """
                http {
                  server { listen 127.0.0.1:0; server_name a; return 200 a; }
                  server { listen 127.0.0.1:0; server_name b ""; return 200 b; }
                }
                """);
        Wire client = proxy.connect()) {
      assertEquals("a", client.get("/").body());
      client.send("GET / HTTP/1.1\nHost: B\n\n");
      assertEquals("b", client.message().body());
      client.send("GET / HTTP/1.0\nConnection: keep-alive\n\n");
      assertEquals("b", client.message().body());
    }
  }

  @Test
  void eachAddressHasItsServers() throws Exception {
    try (TestProxy proxy =
        TestProxy.configured(
            """
            http {
              server { listen 127.0.0.1:0; server_name a; return 200 a; }
              server { listen *:0; listen 127.0.0.1:0; server_name b; return 200 b; }
            }
            """)) {
      assertEquals("a", get(proxy, 0, "a"));
      assertEquals("b", get(proxy, 0, "b"));
      assertEquals("b", get(proxy, 1, "a"));
    }
  }

  private static String get(TestProxy proxy, int address, String host) throws Exception {
    try (Wire client = proxy.connect(address)) {
      return client.send("GET / HTTP/1.1\nHost: " + host + "\n\n").message().body();
    }
  }
}
