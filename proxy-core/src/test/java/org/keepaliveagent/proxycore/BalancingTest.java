package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
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

  @Test
  void aNameIsAPeerForEachOfItsAddresses() throws Exception {
    List<InetAddress> known = List.of(InetAddress.getAllByName("localhost"));
    List<Upstream.Member> members = upstream("server localhost:1 weight=3;").members();
    assertEquals(
        known, members.stream().map(member -> member.peer().address().getAddress()).toList());
    for (Upstream.Member member : members) {
      assertEquals("localhost 1 3", written(member));
    }
    assertEquals("[::1] 1 1", written(upstream("server [::1]:1;").members().get(0)));
    assertEquals("[::1] 80 1", written(upstream("server [::1];").members().get(0)));
  }

  private static String written(Upstream.Member member) {
    return member.peer().host() + " " + member.peer().port() + " " + member.weight();
  }

  /** As many of each as its weight, whatever the turn; among equals the turn decides. */
  @Test
  void withLeastConnTheOneWithTheFewestRequestsForItsWeightIsNext() throws Exception {
    Upstream upstream =
        upstream(
            "least_conn; server 127.0.0.1:1 weight=2; server 127.0.0.1:2; server 127.0.0.1:3;");
    assertEquals("12313121", ports(upstream, 8));
    upstream.release(upstream.members().get(2).peer());
    upstream.release(upstream.members().get(2).peer());
    assertEquals("33", ports(upstream, 2));
  }

  private static String ports(Upstream upstream, int count) {
    StringBuilder ports = new StringBuilder();
    for (int i = 0; i < count; i++) {
      ports.append(Objects.requireNonNull(upstream.pick(List.of(), ANY)).port());
    }
    return ports.toString();
  }

  @ParameterizedTest
  @CsvSource({"'', '', ''", "weight=3, '', ''", "weight=2, weight=2, ''", "'', backup, weight=4"})
  void withLeastConnItIsTheOneThatNginxTakes(String a, String b, String c, @TempDir Path dir)
      throws Exception {
    BlockingQueue<String> arrived = new LinkedBlockingQueue<>();
    Semaphore answers = new Semaphore(0, true);
    try (Origin first = holding("a", arrived, answers);
        Origin second = holding("b", arrived, answers);
        Origin third = holding("c", arrived, answers)) {
      String text =
          CONFIGURATION.formatted(
              "least_conn; server 127.0.0.1:%d %s; server 127.0.0.1:%d %s; server 127.0.0.1:%d %s;"
                  .formatted(first.port(), a, second.port(), b, third.port(), c));
      try (RealNginx nginx = RealNginx.like(dir, text);
          TestProxy proxy = TestProxy.configured(text)) {
        String expected = turns(nginx.address(), arrived, answers);
        assertEquals(expected, turns(proxy.address(), arrived, answers));
      }
    }
  }

  private static Origin holding(String name, BlockingQueue<String> arrived, Semaphore answers)
      throws Exception {
    return Origin.answering(
        (serial, request) -> {
          arrived.add(name);
          answers.acquire();
          return Origin.ok(name);
        });
  }

  /** Who gets six requests that wait, and three more after the first of them has its answer. */
  private static String turns(
      InetSocketAddress proxy, BlockingQueue<String> arrived, Semaphore answers) throws Exception {
    StringBuilder turns = new StringBuilder();
    List<Wire> clients = new ArrayList<>();
    try {
      for (int i = 0; i < 9; i++) {
        if (i == 6) {
          answers.release();
          clients.get(0).message();
        }
        Wire client = Wire.connect(proxy);
        clients.add(client);
        client.send("GET / HTTP/1.1\nHost: test\n\n");
        turns.append(arrived.poll(Wire.PATIENCE_SECONDS, TimeUnit.SECONDS));
        int waiting = i < 6 ? i + 1 : i;
        TestProxy.await("in line for its answer", () -> answers.getQueueLength() == waiting);
      }
      answers.release(8);
      for (Wire client : clients.subList(1, 9)) {
        client.message();
      }
    } finally {
      for (Wire client : clients) {
        client.close();
      }
    }
    return turns.toString();
  }

  private static Upstream upstream(String servers) throws ConfigException {
    ProxyConfig config = ProxyConfig.parse("nginx.conf", CONFIGURATION.formatted(servers));
    return ((Action.Pass) config.servers().get(0).locations().get(0).action()).upstream();
  }
}
