package org.keepaliveagent.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which headers cross, and which upstreams a pattern names. */
class HeaderAndPatternTest {
  @ParameterizedTest
  @CsvSource({
    "Connection,       close,    false",
    "Keep-Alive,       300,      false",
    "Proxy-Connection, close,    false",
    "Upgrade,          h2c,      false",
    "HTTP2-Settings,   AAA,      false",
    "TE,               gzip,     false",
    "TE,               trailers, true",
    "X-Secret,         1,        false",
    "x-other,          1,        false",
    "X-Secrets,        1,        true",
    "Host,             a,        true",
    "Content-Length,   5,        true",
    "Transfer-Encoding,chunked,  true",
    "Authorization,    x,        true",
  })
  void hopByHopAndNominatedHeadersStay(String name, String value, boolean crosses) {
    Policy policy = Policy.builder("test").removeHeader("Connection").build();
    assertEquals(crosses, Rules.header(policy, name, value, "close, X-Secret ,X-Other").allows());
  }

  @Test
  void withoutARuleEveryHeaderCrosses() {
    Policy policy = Policy.builder("test").build();
    assertTrue(Rules.header(policy, "Connection", "close", "close").allows());
  }

  @Test
  void anyHeaderCanBeRemovedAlone() {
    Policy policy = Policy.builder("test").removeHeader("X-Internal").build();
    assertSame(Reason.HOP_BY_HOP, Rules.header(policy, "x-internal", "1", null));
    assertSame(Reason.END_TO_END, Rules.header(policy, "Connection", "close", "close"));
  }

  @ParameterizedTest
  @CsvSource({
    "payments:8443,          https, payments, 8443, true",
    "payments:8443,          https, payments, 443,  false",
    "payments,               http,  PAYMENTS, 1,    true",
    "Payments,               http,  payments, 1,    true",
    "https://payments,       http,  payments, 1,    false",
    "*.svc.local,            http,  a.b.svc.local, 1, true",
    "*.svc.local,            http,  svc.local, 1,   false",
    "*:8080,                 http,  any, 8080,      true",
    "*,                      http,  any, 1,         true",
    "[::1]:8080,             http,  ::1, 8080,      true",
    "127.0.0.1,              http,  127.0.0.1, 9,   true",
    "10.0.0.0/8:8080,        http,  10.200.3.4, 8080, true",
    "10.0.0.0/8:8080,        http,  10.200.3.4, 80, false",
    "10.0.0.0/8,             http,  11.0.0.1, 80,   false",
    "10.0.0.0/8,             http,  10.example, 80, false",
    "10.16.0.0/12,           http,  10.31.255.255, 80, true",
    "10.16.0.0/12,           http,  10.32.0.0, 80,  false",
    "0.0.0.0/0,              http,  1.2.3.4, 80,    true",
    "0.0.0.0/0,              http,  ::1, 80,        false",
    "[fd00::]/8:8443,        https, fd12:0:0::9, 8443, true",
    "[fd00::]/8,             https, fe12::9, 8443,  false",
    "[::ffff:10.0.0.0]/104,  http,  ::ffff:a00:1, 80, true",
    "[0:0:0:0:0:0:0:1],      http,  ::1, 80,        true",
  })
  void aPatternNamesUpstreams(
      String pattern, String scheme, String host, int port, boolean matches) {
    assertEquals(matches, UpstreamPattern.parse(pattern).matches(scheme, host, port));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":80",
        "a:0",
        "a:65536",
        "a:b",
        "ftp://a",
        "a*b",
        "*a",
        "::1",
        "a/b",
        "a b",
        "*.",
        "10.0.0.0/33",
        "10.0.0.0/",
        "[::1]/129",
        "10.0.0/8"
      })
  void aBadPatternIsRefusedWithAPhrase(String pattern) {
    String said =
        assertThrows(IllegalArgumentException.class, () -> UpstreamPattern.parse(pattern))
            .getMessage();
    assertTrue(said.length() > 10, said);
  }

  @Test
  void theFirstMatchWins() {
    Policy first = Policy.builder("first").build();
    Policy second = Policy.builder("second").build();
    Policy defaults = Policy.builder("defaults").build();
    PolicyTable table =
        new PolicyTable(
            defaults,
            List.of(
                new PolicyTable.Entry(List.of(UpstreamPattern.parse("a:80")), first),
                new PolicyTable.Entry(List.of(UpstreamPattern.parse("a")), second)));
    assertSame(first, table.of("http", "a", 80));
    assertSame(second, table.of("http", "a", 81));
    assertSame(defaults, table.of("http", "b", 80));
  }

  @ParameterizedTest
  @CsvSource({
    "*,               a:80,             true",
    "*,               10.0.0.0/8,       true",
    "*:80,            a:80,             true",
    "*:80,            a,                false",
    "a,               a:80,             true",
    "a:80,            a,                false",
    "a,               https://a,        true",
    "https://a,       a,                false",
    "*.x.y,           *.b.x.y,          true",
    "*.x.y,           b.x.y:80,         true",
    "*.x.y,           x.y,              false",
    "*.b.x.y,         *.x.y,            false",
    "10.0.0.0/8,      10.1.0.0/16:80,   true",
    "10.0.0.0/8,      10.1.2.3,         true",
    "10.1.0.0/16,     10.0.0.0/8,       false",
    "10.0.0.0/8,      a,                false",
    "a,               10.0.0.0/8,       false",
    "*.0.0,           10.0.0.0/8,       false",
    "[::1],           [0:0::1]:80,      true",
  })
  void aPatternCoversThoseThatCanNeverMatchBehindIt(String first, String second, boolean covers) {
    assertEquals(covers, UpstreamPattern.parse(first).covers(UpstreamPattern.parse(second)));
  }
}
