package org.keepaliveagent.okhttp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keepaliveagent.conformance.AgentUnderTest;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Cue;
import org.keepaliveagent.conformance.LibraryVersion;
import org.keepaliveagent.conformance.Reply;
import org.keepaliveagent.conformance.ScriptedUpstream;
import org.keepaliveagent.policy.FailureKind;
import org.keepaliveagent.policy.Policy;

/**
 * R10 where the pool hands out the connection that it opened first: that one is parked last before
 * it turns out to be stale.
 */
class SiblingsAreClosedTest {
  @ParameterizedTest
  @Timeout(60)
  @ValueSource(strings = {"3.12.13", "3.14.9", "4.9.3", "4.12.1", "5.0.0", "5.5.1"})
  void ofAStaleConnectionAndThePoolForgetsThem(String version) throws Exception {
    Policy policy =
        Policy.builder("test").nextUpstream(EnumSet.of(FailureKind.ERROR), false).build();
    try (ScriptedUpstream upstream = ScriptedUpstream.start();
        ClientDriver client =
            LibraryVersion.of(version).driver(OkHttpDriver.class, upstream.url(), null, version)) {
      AgentUnderTest agent = AgentUnderTest.with(policy);
      try {
        openTwo(upstream, client);
        int last = send(client).connection();
        upstream.script((connection, request) -> connection == last ? Cue.CLOSE : Cue.ANSWER);
        assertEquals(new Reply(200, 3, 1), send(client));
        agent.sweep();
        await("the sibling is closed", () -> upstream.open() == 1);
        assertEquals(1, pooled(client));
        assertEquals(List.of(), agent.faults());
      } finally {
        agent.close();
      }
    }
  }

  private static void openTwo(ScriptedUpstream upstream, ClientDriver client) throws Exception {
    upstream.together(2);
    upstream.script((connection, request) -> Cue.ANSWER_TOGETHER);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Callable<Reply>> both = new ArrayList<>();
      both.add(() -> send(client));
      both.add(() -> send(client));
      for (Future<Reply> one : threads.invokeAll(both)) {
        one.get();
      }
    } finally {
      threads.shutdownNow();
      upstream.script((connection, request) -> Cue.ANSWER);
    }
  }

  private static Reply send(ClientDriver client) throws Exception {
    return client.send("GET", null, Map.of());
  }

  /** The driver is of a class loader of its own. */
  private static int pooled(ClientDriver client) throws ReflectiveOperationException {
    return (int) client.getClass().getMethod("pooled").invoke(client);
  }

  private static void await(String what, BooleanSupplier holds) throws InterruptedException {
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (!holds.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "waited in vain until " + what);
      Thread.sleep(2);
    }
  }
}
