package org.keepaliveagent.apachehttpclient4;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.keepaliveagent.conformance.AgentUnderTest;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Cue;
import org.keepaliveagent.conformance.LibraryVersion;
import org.keepaliveagent.conformance.Reply;
import org.keepaliveagent.conformance.ScriptedUpstream;
import org.keepaliveagent.policy.Policy;

/** Two libraries with connections to one upstream. */
class TwoLibrariesTest {
  @Test
  @Timeout(60)
  void P6_keepaliveCountsOverThePoolsOfTwoLibrariesAndTheLeastRecentlyUsedGo() throws Exception {
    try (ScriptedUpstream upstream = ScriptedUpstream.start();
        AgentUnderTest agent = AgentUnderTest.with(Policy.builder("test").maxIdle(3).build());
        ClientDriver blocking =
            LibraryVersion.of("4.5.14").driver(ClassicDriver.class, upstream.url(), null);
        ClientDriver asynchronous =
            LibraryVersion.of("async-4.1.5").driver(AsyncDriver.class, upstream.url(), null)) {
      park(upstream, blocking);
      agent.pass(1_000);
      park(upstream, asynchronous);
      assertEquals(1, agent.upstreams().size(), "upstreams that the agent knows");
      await(() -> agent.idle() == 4);
      agent.sweep();
      await(() -> agent.idle() == 3 && upstream.open() == 3);
      for (Reply reply : two(upstream, asynchronous)) {
        assertEquals(2, reply.request(), "both of those that were parked last have stayed");
      }
      assertEquals(List.of(), agent.faults());
    }
  }

  /** Two connections. */
  private static void park(ScriptedUpstream upstream, ClientDriver client) throws Exception {
    for (Reply reply : two(upstream, client)) {
      assertEquals(1, reply.request());
    }
  }

  /** Two requests at a time, so that each has a connection of its own. */
  private static List<Reply> two(ScriptedUpstream upstream, ClientDriver client) throws Exception {
    upstream.together(2);
    upstream.script((connection, request) -> Cue.ANSWER_TOGETHER);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Callable<Reply> request = () -> client.send("GET", null, Map.of());
      Future<Reply> one = threads.submit(request);
      return List.of(request.call(), one.get(20, SECONDS));
    } finally {
      threads.shutdownNow();
    }
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
