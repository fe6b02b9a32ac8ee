package org.keepaliveagent.conformance;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.keepaliveagent.policy.Count;
import org.keepaliveagent.policy.FailureKind;
import org.keepaliveagent.policy.SocketKeepalive;

/** S: sockets and TLS. */
abstract class SocketRules extends RetryRules {
  SocketRules(Subject subject) {
    super(subject);
  }

  @Test
  void S1_theKernelProbesIdleConnectionsAsStated() throws IOException {
    skipIfUntested("S1");
    Assumptions.assumeTrue(KernelTimers.canBeRead(), "this system does not show socket timers");
    under(p -> p.socketKeepalive(SocketKeepalive.on(SECONDS.toNanos(30), SECONDS.toNanos(10), 3)));
    send("GET");
    long left = KernelTimers.keepaliveMillis(upstream.clientPort(1), upstream.port());
    assertTrue(left > 0 && left <= 30_000, "the next probe comes in " + left + " ms, not in 30 s");
  }

  @Test
  void S1_withoutADirectiveTheSocketIsAsTheApplicationHasIt() throws IOException {
    skipIfUntested("S1");
    Assumptions.assumeTrue(KernelTimers.canBeRead(), "this system does not show socket timers");
    under(p -> p.socketKeepalive(SocketKeepalive.OFF));
    send("GET");
    long left = KernelTimers.keepaliveMillis(upstream.clientPort(1), upstream.port());
    assertEquals(-1, left, "milliseconds until the kernel probes, which it should not");
  }

  @Test
  void S2_connectingEndsWithItsTimeout() throws IOException {
    skipIfUntested("S2 connect");
    under(p -> p.connectNanos(MILLISECONDS.toNanos(300)));
    List<SocketChannel> waiting = new ArrayList<>();
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      // Nobody accepts: when the queue is full, the kernel drops what else wants to connect.
      for (int i = 0; i < 8; i++) {
        SocketChannel one = SocketChannel.open();
        waiting.add(one);
        one.configureBlocking(false);
        one.connect(new InetSocketAddress(full.getInetAddress(), full.getLocalPort()));
      }
      ClientDriver toFull = newClient("http://127.0.0.1:" + full.getLocalPort() + "/", null);
      long start = System.nanoTime();
      assertFails(() -> send(toFull, "GET"));
      long took = System.nanoTime() - start;
      assertTrue(took < SECONDS.toNanos(15), "gave up after " + took / 1_000_000 + " ms");
    } finally {
      for (SocketChannel one : waiting) {
        one.close();
      }
    }
  }

  @Test
  void S2_waitingForAResponseEndsWithTheReadTimeout() throws IOException {
    skipIfUntested("S2 read");
    upstream.script((connection, request) -> request == 1 ? Cue.ANSWER : Cue.STALL);
    under(p -> p.readNanos(MILLISECONDS.toNanos(300)).nextUpstream(ERROR, true).tries(3));
    send("GET");
    long start = System.nanoTime();
    assertFails(() -> send("GET"));
    long took = System.nanoTime() - start;
    assertTrue(took < SECONDS.toNanos(15), "gave up after " + took / 1_000_000 + " ms");
    assertRequests(2); // a time-out is no listed error
  }

  @Test
  void S2_aListedTimeoutOfAGetIsRetried() throws IOException {
    skipIfUntested("S2 read");
    skipIfUntested("S2 retry");
    upstream.script((c, request) -> c == 1 && request == 2 ? Cue.STALL : Cue.ANSWER);
    under(
        p ->
            p.readNanos(MILLISECONDS.toNanos(300))
                .nextUpstream(EnumSet.of(FailureKind.TIMEOUT), false)
                .tries(3));
    send("GET");
    assertEquals(new Reply(200, 2, 1), send("GET"));
    assertRequests(3);
  }

  @Test
  void S2_writingEndsWithTheSendTimeout() throws IOException {
    skipIfUntested("S2 send");
    upstream.script((c, request) -> Cue.STALL_BEFORE_BODY);
    under(p -> p.sendNanos(MILLISECONDS.toNanos(300)));
    String large = "x".repeat(20_000_000);
    long start = System.nanoTime();
    assertFails(() -> client.send("POST", large, Map.of()));
    long took = System.nanoTime() - start;
    assertTrue(took < SECONDS.toNanos(15), "gave up after " + took / 1_000_000 + " ms");
  }

  @Test
  void S3_theServerIsNamedInTheHandshakeUnlessItIsAnAddress() throws IOException {
    Assumptions.assumeTrue(subject().tls(), "a rule of TLS");
    skipIfUntested("S3");
    under(p -> p);
    int byAddress = send("GET").connection();
    assertEquals(List.of(), upstream.serverNames(byAddress), "names asked for by address");
    int byName = send(newClient(TestTls.NAME), "GET").connection();
    assertEquals(List.of(TestTls.NAME), upstream.serverNames(byName), "names asked for by name");
  }

  @Test
  void S4_theSecondHandshakeIsResumed() throws Exception {
    Assumptions.assumeTrue(subject().tls(), "a rule of TLS");
    skipIfUntested("S4");
    AgentUnderTest under = under(p -> p.maxRequests(1));
    for (int i = 1; i <= 3; i++) {
      assertConnection(i, send("GET"));
    }
    assertTrue(
        under.upstreams().iterator().next().counted(Count.TLS_RESUMED) > 0,
        "no handshake was resumed");
  }

  @Test
  void S5_aCertificateThatIsNotTrustedIsNeverRetriedIntoSuccess() throws IOException {
    Assumptions.assumeTrue(subject().tls(), "a rule of TLS");
    under(p -> p.nextUpstream(ERROR, true).tries(3));
    ClientDriver distrustful = newClient(upstream.url(), null);
    assertFails(() -> send(distrustful, "GET"));
    assertRequests(0);
  }
}
