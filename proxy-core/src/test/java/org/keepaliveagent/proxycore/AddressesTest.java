package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong with an address is told in nginx's words. */
class AddressesTest {
  private static void assertRefused(String block, String message) {
    String text = "http { %s }".formatted(block);
    ConfigException e =
        assertThrows(ConfigException.class, () -> ProxyConfig.parse("nginx.conf", text));
    assertEquals(message + " in nginx.conf:1", e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "no.such.host.invalid:80 host not found",
        "127.0.0.1:0 invalid port",
        "127.0.0.1: invalid port",
        "127.0.0.1:99999 invalid port",
        "127.0.0.1:80/x invalid port",
        "::1 invalid port",
        "[::1]:99999 invalid port",
        "[::1 invalid host",
        "[::1]x invalid host",
        "[::g]:80 invalid IPv6 address",
        ":80 no host",
        "unix:/run/app.sock unix domain sockets are not supported,"
      })
  void ofAnUpstream(String wrong) {
    String value = wrong.substring(0, wrong.indexOf(' '));
    String message = wrong.substring(wrong.indexOf(' ') + 1) + " in upstream \"" + value + "\"";
    assertRefused("upstream u { server %s; }".formatted(value), message);
    if (!value.contains("/")) {
      assertRefused("server { location / { proxy_pass http://%s; } }".formatted(value), message);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "99999 invalid port",
        "127.0.0.1: invalid port",
        "no.such.host.invalid:80 host not found",
        "[::1 invalid host",
        "[::g]:80 invalid IPv6 address",
        ":80 no host",
        "unix:/run/app.sock unix domain sockets are not supported,"
      })
  void toListenOn(String wrong) {
    String value = wrong.substring(0, wrong.indexOf(' '));
    assertRefused(
        "server { listen %s; }".formatted(value),
        wrong.substring(wrong.indexOf(' ') + 1)
            + " in \""
            + value
            + "\" of the \"listen\" directive");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a xx;invalid zone size \"xx\"",
        "a 31k;zone \"a\" is too small",
        "\"\" 64k;invalid zone name \"\""
      })
  void ofAZone(String wrong) {
    String[] parts = wrong.split(";", -1);
    assertRefused("upstream u { server 127.0.0.1; zone %s; }".formatted(parts[0]), parts[1]);
  }
}
