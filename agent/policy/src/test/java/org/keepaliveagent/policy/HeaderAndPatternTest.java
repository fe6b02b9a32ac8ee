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
  })
  void aPatternNamesUpstreams(
      String pattern, String scheme, String host, int port, boolean matches) {
    assertEquals(matches, UpstreamPattern.parse(pattern).matches(scheme, host, port));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ":80", "a:0", "a:65536", "a:b", "ftp://a", "a*b", "*a", "::1", "a/b", "a b"})
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
}
