package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which server of an upstream gets a request; the servers are called a, b and c. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class BalancingTest {
  private static final Upstream.Choice ANY = (peer, requests, alone) -> true;
  private static final String CONFIGURATION =
      "http { upstream u { %s } server { listen 127.0.0.1:0; location / { proxy_pass http://u; } }"
          + " }";

  private static Origin named(String name) throws Exception {
    return Origin.answering((serial, request) -> Origin.ok(name));
  }

  @ParameterizedTest
  @CsvSource({
    "'', '', '', abcabcabc",
    "weight=5, '', '', aabacaaaabacaa",
    "weight=2 max_fails=3 fail_timeout=30s max_conns=100, '', '', abcaabca",
    "'', down, '', acacac",
    "'', backup, '', acacac",
    "down, backup, down, bbb",
    "down, weight=2 backup, backup, bcbbcb"
  })
  void eachGetsItsShare(String a, String b, String c, String expected) throws Exception {
    try (Origin first = named("a");
        Origin second = named("b");
        Origin third = named("c");
        TestProxy proxy =
            TestProxy.configured(
                CONFIGURATION.formatted(
                    "server 127.0.0.1:%d %s; server 127.0.0.1:%d %s; server 127.0.0.1:%d %s;"
                        .formatted(first.port(), a, second.port(), b, third.port(), c)));
        Wire client = proxy.connect()) {
      StringBuilder answers = new StringBuilder();
      for (int i = 0; i < expected.length(); i++) {
        answers.append(client.get("/").body());
      }
      assertEquals(expected, answers.toString());
    }
  }

  @Test
  void whereAllAreDownNobodyAnswers() throws Exception {
    try (TestProxy proxy = TestProxy.configured(CONFIGURATION.formatted("server 127.0.0.1 down;"));
        Wire client = proxy.connect()) {
      assertEquals("HTTP/1.1 502 Bad Gateway", client.get("/").start());
      assertEquals("HTTP/1.1 502 Bad Gateway", client.get("/").start());
    }
  }

  @Test
  void theWorkersShareOneTurn() throws Exception {
    TreeMap<String, Integer> answers = new TreeMap<>();
    try (Origin first = named("a");
        Origin second = named("b");
        Origin third = named("c");
        TestProxy proxy =
            TestProxy.configured(
                "worker_processes 2; "
                    + CONFIGURATION.formatted(
                        "server 127.0.0.1:%d; server 127.0.0.1:%d; server 127.0.0.1:%d;"
                            .formatted(first.port(), second.port(), third.port())))) {
      for (int i = 0; i < 6; i++) {
        try (Wire client = proxy.connect()) {
          answers.merge(client.get("/").body(), 1, Integer::sum);
        }
      }
    }
    assertEquals("{a=2, b=2, c=2}", answers.toString());
  }

  /** Natively there is one attempt; an agent may make it several. */
  @Test
  void eachIsTriedOnceBeforeAnyIsTriedTwice() throws Exception {
    Upstream upstream =
        upstream(
            "server 127.0.0.1:1; server 127.0.0.1:2; server 127.0.0.1:3 backup; server"
                + " 127.0.0.1:4 down;");
    List<Peer> tried = new ArrayList<>();
    StringBuilder ports = new StringBuilder();
    for (int i = 0; i < 3; i++) {
      Peer peer = Objects.requireNonNull(upstream.pick(tried, ANY));
      tried.add(peer);
      ports.append(peer.port());
    }
    assertEquals("123", ports.toString());
  }

  /** Natively each peer can have any number of requests; an agent may know better. */
  @Test
  void whoCannotHaveARequestIsPassedOverAndTheOthersShareIt() throws Exception {
    Upstream upstream =
        upstream("server 127.0.0.1:1 weight=2; server 127.0.0.1:2; server 127.0.0.1:3;");
    StringBuilder ports = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      Peer peer = upstream.pick(List.of(), (asked, requests, alone) -> asked.port() != 1);
      ports.append(Objects.requireNonNull(peer).port());
    }
    assertEquals("2323", ports.toString());
    assertNull(upstream.pick(List.of(), (peer, requests, alone) -> false));
  }

  @Test
  void aPeerHasARequestUntilItIsReleased() throws Exception {
    Upstream upstream = upstream("server 127.0.0.1:1;");
    List<Integer> known = new ArrayList<>();
    Upstream.Choice counting = (peer, requests, alone) -> alone && known.add(requests);
    Peer peer = Objects.requireNonNull(upstream.pick(List.of(), counting));
    upstream.pick(List.of(), counting);
    upstream.release(peer);
    upstream.pick(List.of(), counting);
    assertEquals(List.of(0, 1, 1), known);
  }

  private static Upstream upstream(String servers) throws ConfigException {
    ProxyConfig config = ProxyConfig.parse("nginx.conf", CONFIGURATION.formatted(servers));
    return ((Action.Pass) config.servers().get(0).locations().get(0).action()).upstream();
  }
}
