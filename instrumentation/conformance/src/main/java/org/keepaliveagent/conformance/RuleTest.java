package org.keepaliveagent.conformance;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.keepaliveagent.policy.FailureKind;
import org.keepaliveagent.policy.Policy;

/** What every rule stands on: an upstream, a client of the subject, an agent, a way to wait. */
@Timeout(60)
@ExtendWith(FailureInWords.class)
abstract class RuleTest {
  static final EnumSet<FailureKind> ERROR = EnumSet.of(FailureKind.ERROR);

  private final Subject subject;
  private final AtomicInteger ids = new AtomicInteger();
  private final List<ClientDriver> clients = new ArrayList<>();
  private @Nullable AgentUnderTest agent;

  ScriptedUpstream upstream;
  ClientDriver client;
  @Nullable SSLContext trust;

  RuleTest(Subject subject) {
    this.subject = subject;
  }

  Subject subject() {
    return subject;
  }

  @BeforeEach
  void start() throws IOException {
    trust = subject.tls() ? TestTls.context() : null;
    upstream = newUpstream();
    client = newClient();
  }

  private ScriptedUpstream newUpstream() throws IOException {
    return ScriptedUpstream.start(subject.tls() ? TestTls.context() : null);
  }

  /** Another upstream, of which no pool knows anything. */
  void restartUpstream() throws IOException {
    upstream.close();
    upstream = newUpstream();
  }

  @AfterEach
  void stop() throws IOException {
    List<String> faults = agent == null ? List.of() : agent.faults();
    if (agent != null) {
      agent.close();
    }
    for (ClientDriver each : clients) {
      each.close();
    }
    upstream.close();
    assertEquals(List.of(), faults, "faults of the agent");
  }

  /** One more client of the subject, with a pool of its own; the test's end closes it. */
  ClientDriver newClient() throws IOException {
    return newClient(upstream.url(), trust);
  }

  /** As {@link #newClient()}, that knows the upstream by this name. */
  ClientDriver newClient(String host) throws IOException {
    return newClient(upstream.url(host), trust);
  }

  ClientDriver newClient(String url, @Nullable SSLContext trusting) throws IOException {
    ClientDriver made = subject.factory().client(url, trusting);
    clients.add(made);
    return made;
  }

  /** The agent, from now on, with the built-in policy as it is changed here. */
  AgentUnderTest under(UnaryOperator<Policy.Builder> policy) {
    agent = AgentUnderTest.with(policy.apply(Policy.builder("test")).build());
    return agent;
  }

  /** As {@link #under} with a policy that states {@code next_upstream error}; each hook throws. */
  AgentUnderTest faulty() {
    agent = AgentUnderTest.thatThrows(Policy.builder("test").nextUpstream(ERROR, false).build());
    return agent;
  }

  /** As {@link #under}, with a defect in the engine. */
  AgentUnderTest under(UnaryOperator<Policy.Builder> policy, Defect defect) {
    agent = AgentUnderTest.broken(policy.apply(Policy.builder("test")).build(), defect::in);
    return agent;
  }

  Reply send(String method) throws IOException {
    return send(client, method);
  }

  Reply send(ClientDriver with, String method) throws IOException {
    return with.send(
        method,
        method.equals("POST") ? "hello" : null,
        Map.of("X-Request-Id", String.valueOf(ids.incrementAndGet())));
  }

  /**
   * So many connections, parked one after the other: in the order in which the agent's clock and
   * the library's pool see them, which a burst alone does not ensure.
   */
  void parkInTurn(AgentUnderTest under, int connections) throws InterruptedException {
    upstream.together(connections);
    upstream.script((connection, request) -> Cue.ANSWER_IN_TURN);
    AtomicInteger answered = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(connections);
    try {
      for (int i = 0; i < connections; i++) {
        threads.execute(
            () -> {
              try {
                send("GET");
                answered.incrementAndGet();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
      }
      for (int i = 1; i <= connections; i++) {
        int parked = i;
        upstream.nextTurn();
        await("one more is idle", () -> answered.get() == parked && under.idle() == parked);
      }
    } finally {
      threads.shutdownNow();
      upstream.script((connection, request) -> Cue.ANSWER);
    }
  }

  void burst(int requests) throws Exception {
    burst(client, requests);
  }

  /** As many requests at a time, so that each has a connection of its own. */
  void burst(ClientDriver with, int requests) throws Exception {
    upstream.together(requests);
    upstream.script((connection, request) -> Cue.ANSWER_TOGETHER);
    ExecutorService threads = Executors.newFixedThreadPool(requests);
    try {
      List<Callable<Reply>> all = new ArrayList<>();
      for (int i = 0; i < requests; i++) {
        all.add(() -> send(with, "GET"));
      }
      for (Future<Reply> reply : threads.invokeAll(all)) {
        try {
          assertEquals(200, reply.get().status(), "the status of one of many requests");
        } catch (ExecutionException e) {
          throw new AssertionError(
              "of "
                  + requests
                  + " requests at a time each needs a connection of its own, and one"
                  + " ended with "
                  + e.getCause(),
              e);
        }
      }
    } finally {
      threads.shutdownNow();
      upstream.script((connection, request) -> Cue.ANSWER);
    }
  }

  static void assertConnection(int serial, Reply reply) {
    assertEquals(serial, reply.connection(), "the connection that the request went out on");
  }

  /**
   * Sent on a connection that has carried no other request: where a library may be closing one at
   * this moment, it may open two, one for each reason.
   */
  static void assertNew(Reply reply) {
    assertEquals(1, reply.request(), "requests that the connection has carried");
  }

  static void assertNotConnection(int serial, Reply reply) {
    assertNotEquals(serial, reply.connection(), "the connection that the request went out on");
  }

  void assertRequests(int expected) {
    assertEquals(expected, upstream.requests(), "requests that reached the upstream");
  }

  void assertOpened(int expected) {
    assertEquals(expected, upstream.accepted(), "connections that were opened");
  }

  void assertExecutedOnce() {
    assertEquals(1, upstream.mostExecutions(), "executions of one and the same request");
  }

  static void assertFails(Callable<Reply> request) {
    try {
      fail("the request was to fail, but was answered: " + request.call());
    } catch (IOException asItShould) {
      // the caller hears of it
    } catch (Exception e) {
      throw new AssertionError("the request was to fail with an IOException, but: " + e, e);
    }
  }

  /** After {@code closeIdle}: until the agent knows, or could know if it looked. */
  void awaitHeard(AgentUnderTest under) throws InterruptedException {
    await("the upstream's sockets are gone", () -> upstream.open() == 0);
    if (client.listensWhileIdle()) {
      await("the agent hears of it", () -> under.idle() == 0);
    }
  }

  void skipIfUntested(String rule) {
    String reason = client.untested(rule);
    Assumptions.assumeTrue(reason == null, () -> reason);
  }

  static void await(String what, BooleanSupplier holds) throws InterruptedException {
    await(() -> what, holds);
  }

  /**
   * @param what and how it stands when the time is over
   */
  static void await(Supplier<String> what, BooleanSupplier holds) throws InterruptedException {
    long deadline = System.nanoTime() + SECONDS.toNanos(ScriptedUpstream.patienceSeconds);
    while (!holds.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, () -> "waited in vain until " + what.get());
      Thread.sleep(2);
    }
  }
}
