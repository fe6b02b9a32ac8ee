package org.keepaliveagent.undertowproxy;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import org.keepaliveagent.conformance.AgentUnderTest;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Cue;
import org.keepaliveagent.conformance.LibraryVersion;
import org.keepaliveagent.conformance.Reply;
import org.keepaliveagent.conformance.ScriptedUpstream;
import org.keepaliveagent.policy.FailureKind;
import org.keepaliveagent.policy.Policy;

/** A pool with place for one connection and none to wait: whoever errs by one gets an error. */
@ParameterizedClass
@ValueSource(strings = {"2.2.0", "2.3.27", "2.4.4"})
@Timeout(60)
class PoolTest {
  private static final Policy TEN_SECONDS =
      Policy.builder("test")
          .idleNanos(SECONDS.toNanos(10))
          .nextUpstream(EnumSet.of(FailureKind.ERROR), false)
          .build();

  @Parameter String version;

  private ScriptedUpstream upstream;
  private ClientDriver client;
  private AgentUnderTest agent;

  @BeforeEach
  void start() throws Exception {
    upstream = ScriptedUpstream.start();
    client =
        LibraryVersion.of(version).driver(UndertowDriver.class, upstream.url(), null, 1, 0, false);
  }

  @AfterEach
  void stop() throws Exception {
    List<String> faults = agent.faults();
    agent.close();
    client.close();
    upstream.close();
    assertEquals(List.of(), faults);
  }

  @Test
  void aRefusedConnectionGivesItsPlaceUpAtOnce() throws Exception {
    agent = AgentUnderTest.with(TEN_SECONDS);
    for (int i = 1; i <= 5; i++) {
      assertEquals(new Reply(200, i, 1), get());
      assertEquals(1, pooled());
      agent.pass(10_000);
    }
  }

  @Test
  void aSweptConnectionGivesItsPlaceUp() throws Exception {
    agent = AgentUnderTest.with(TEN_SECONDS);
    get();
    agent.pass(10_300);
    agent.sweep();
    await("the pool is empty", () -> pooled() == 0);
    assertEquals(new Reply(200, 2, 1), get());
  }

  @Test
  void aSweptConnectionGivesItsPlaceUpBeforeThePeerHasClosed() throws Exception {
    agent = AgentUnderTest.with(TEN_SECONDS);
    LibraryVersion library = LibraryVersion.of(version);
    try (LingeringPeer peer = new LingeringPeer();
        ClientDriver proxy = library.driver(UndertowDriver.class, peer.url(), null, 1, 0, false)) {
      assertEquals(new Reply(200, 1, 1), proxy.send("GET", null, Map.of()));
      agent.pass(10_300);
      agent.sweep();
      await("the peer has the FIN", () -> peer.left() == 1);
      assertEquals(new Reply(200, 2, 1), proxy.send("GET", null, Map.of()));
    }
  }

  @Test
  void theConnectionsOfAProxyThatWasStoppedAreNoFault() throws Exception {
    agent = AgentUnderTest.with(TEN_SECONDS);
    get();
    client.close();
    await("its connections are closed", () -> upstream.open() == 0);
    agent.pass(10_300);
    agent.sweep();
    assertEquals(0, agent.idle());
  }

  @Test
  void aStaleConnectionGivesItsPlaceToTheRepetition() throws Exception {
    agent = AgentUnderTest.with(TEN_SECONDS);
    upstream.script((connection, request) -> request == 1 ? Cue.ANSWER : Cue.CLOSE);
    for (int i = 1; i <= 3; i++) {
      assertEquals(new Reply(200, i, 1), get());
      assertEquals(1, pooled());
    }
  }

  @Test
  void aConnectionThatCannotBeWrittenToGivesItsPlaceToTheRepetition() throws Exception {
    agent = AgentUnderTest.with(TEN_SECONDS);
    assertEquals(new Reply(200, 1, 1), get());
    Runnable reset =
        () -> {
          try {
            upstream.closeIdle(true);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        };
    client.getClass().getMethod("beforehand", Runnable.class).invoke(client, reset);
    assertEquals(new Reply(200, 2, 1), get());
    assertEquals(1, pooled());
  }

  @Test
  void anAgentThatComesLateJudgesWhatIsPooledAlready() throws Exception {
    agent = AgentUnderTest.with(TEN_SECONDS);
    agent.close();
    assertEquals(new Reply(200, 1, 1), get());
    agent = AgentUnderTest.with(TEN_SECONDS);
    assertEquals(new Reply(200, 1, 2), get());
    agent.pass(10_000);
    assertEquals(new Reply(200, 2, 1), get());
  }

  @Test
  void withoutARetryRuleTheOnlyPeerIsNotAskedAgain() throws Exception {
    agent = AgentUnderTest.with(Policy.builder("test").build());
    upstream.script((connection, request) -> request == 1 ? Cue.ANSWER : Cue.CLOSE);
    get();
    assertThrows(IOException.class, this::get);
    assertEquals(2, upstream.requests());
  }

  @Test
  void hopByHopHeadersOfAResponseDoNotReachTheFront() throws Exception {
    agent = AgentUnderTest.with(Policy.builder("test").removeHeader("Connection").build());
    upstream.respondWith(
        "Connection: X-Hop, keep-alive", "Keep-Alive: timeout=9", "X-Hop: 1", "X-End: 1");
    get();
    Map<?, ?> seen = (Map<?, ?>) client.getClass().getMethod("lastHeaders").invoke(client);
    assertEquals("1", seen.get("X-End"));
    assertEquals(null, seen.get("X-Hop"));
    assertEquals(null, seen.get("Keep-Alive"));
    assertEquals(
        "keep-alive", String.valueOf(seen.get("Connection")).replace("null", "keep-alive"));
  }

  @Test
  void aRealUpgradeKeepsWhatAsksForIt() throws Exception {
    agent = AgentUnderTest.with(Policy.builder("test").removeHeader("Connection").build());
    client.send("GET", null, Map.of("Connection", "Upgrade", "Upgrade", "websocket", "TE", "x"));
    String head = upstream.heads().get(0);
    assertTrue(head.contains("Upgrade: websocket\r\n"), head);
    assertTrue(head.contains("Connection: Upgrade\r\n"), head);
    assertTrue(!head.contains("TE:"), head);
  }

  private Reply get() throws IOException {
    return client.send("GET", null, Map.of());
  }

  /** Connections that the pool counts. */
  private int pooled() {
    try {
      return (int) client.getClass().getMethod("pooled").invoke(client);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("pooled", e);
    }
  }

  private static void await(String what, BooleanSupplier holds) throws InterruptedException {
    long deadline = System.nanoTime() + SECONDS.toNanos(10);
    while (!holds.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "waited in vain until " + what);
      Thread.sleep(2);
    }
  }
}
