package org.keepaliveagent.apachehttpclient5;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import org.keepaliveagent.conformance.AgentUnderTest;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Cue;
import org.keepaliveagent.conformance.LibraryVersion;
import org.keepaliveagent.conformance.Reply;
import org.keepaliveagent.conformance.ScriptedUpstream;
import org.keepaliveagent.policy.FailureKind;
import org.keepaliveagent.policy.Mode;
import org.keepaliveagent.policy.Policy;

/** The blocking client on a connection manager of one connection. */
@ParameterizedClass
@ValueSource(strings = {"5.0.4", "5.3.1", "5.6.5"})
@Timeout(60)
class SingleConnectionTest {
  private final String version;
  private ScriptedUpstream upstream;
  private AgentUnderTest agent;
  private ClientDriver client;

  SingleConnectionTest(String version) {
    this.version = version;
  }

  @BeforeEach
  void start() throws IOException {
    upstream = ScriptedUpstream.start();
    agent =
        AgentUnderTest.with(
            Policy.builder("test")
                .idleNanos(SECONDS.toNanos(10))
                .maxRequests(3)
                .nextUpstream(EnumSet.of(FailureKind.ERROR), false)
                .build());
    client = LibraryVersion.of(version).driver(ClassicDriver.class, upstream.url(), null, "SINGLE");
  }

  @AfterEach
  void stop() throws IOException {
    List<String> faults = agent.faults();
    agent.close();
    client.close();
    upstream.close();
    assertEquals(List.of(), faults, "faults of the agent");
  }

  @Test
  void itsConnectionCarriesAsManyRequestsAsAllowed() throws Exception {
    for (int i = 0; i < 7; i++) {
      assertEquals(new Reply(200, 1 + i / 3, 1 + i % 3), send("POST"));
    }
    await(() -> upstream.open() == 1);
  }

  @Test
  void itsConnectionIsNotLeasedAfterItsIdleTime() throws Exception {
    send("GET");
    agent.pass(9_000);
    assertEquals(1, send("GET").connection());
    agent.pass(10_000);
    assertEquals(2, send("GET").connection());
    await(() -> upstream.open() == 1);
  }

  @Test
  void aDeadConnectionIsNotLeased() throws Exception {
    send("GET");
    upstream.closeIdle(false);
    await(() -> upstream.open() == 0);
    assertEquals(new Reply(200, 2, 1), send("POST"));
    assertEquals(2, upstream.requests());
  }

  @Test
  void whatTheSweepHasClosedIsOpenedAnew() throws Exception {
    send("GET");
    agent.pass(20_000);
    agent.sweep();
    await(() -> upstream.open() == 0);
    assertEquals(new Reply(200, 2, 1), send("POST"));
    assertEquals(new Reply(200, 2, 2), send("POST"));
  }

  @Test
  void aGetThatDiesGoesOnceMoreOnAFreshConnectionAndAPostDoesNot() throws Exception {
    upstream.script((connection, request) -> request == 1 ? Cue.ANSWER : Cue.CLOSE);
    send("GET");
    assertEquals(new Reply(200, 2, 1), send("GET"));
    assertThrows(IOException.class, () -> send("POST"));
    assertEquals(4, upstream.requests());
  }

  @Test
  void anObservingAgentChangesNothing() throws Exception {
    agent.reload(Policy.builder("test").mode(Mode.OBSERVE).maxRequests(1).build());
    assertEquals(new Reply(200, 1, 1), send("GET"));
    assertEquals(new Reply(200, 1, 2), send("GET"));
    upstream.closeIdle(false);
    await(() -> upstream.open() == 0);
    assertThrows(IOException.class, () -> send("POST"));
  }

  private Reply send(String method) throws IOException {
    return client.send(method, method.equals("POST") ? "hello" : null, Map.of());
  }

  private static void await(BooleanSupplier holds) throws InterruptedException {
    long deadline = System.nanoTime() + SECONDS.toNanos(10);
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("waited in vain");
      }
      Thread.sleep(2);
    }
  }
}
