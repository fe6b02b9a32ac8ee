package org.keepaliveagent.httpurlconnection;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.util.EnumSet;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.keepaliveagent.conformance.AgentUnderTest;
import org.keepaliveagent.conformance.Cue;
import org.keepaliveagent.conformance.ScriptedUpstream;
import org.keepaliveagent.hooks.KeepaliveHooks;
import org.keepaliveagent.policy.Attempt;
import org.keepaliveagent.policy.FailureKind;
import org.keepaliveagent.policy.Policy;
import org.keepaliveagent.policy.Reason;

/** What is this library's own: streamed bodies, and the ways in which it ends a connection. */
@Timeout(30)
class HttpUrlConnectionTest {
  private final AgentUnderTest agent =
      AgentUnderTest.with(
          Policy.builder("test").nextUpstream(EnumSet.of(FailureKind.ERROR), true).build());
  private ScriptedUpstream upstream;
  private URL target;

  @BeforeEach
  void start() throws IOException {
    upstream = ScriptedUpstream.start();
    target = URI.create("http://127.0.0.1:" + upstream.port() + "/").toURL();
  }

  @AfterEach
  void stop() throws IOException {
    List<String> faults = agent.faults();
    agent.close();
    upstream.close();
    assertEquals(List.of(), faults, "faults of the agent");
  }

  @Test
  void aStreamedBodyIsNotSentAgainWhateverThePolicyAllows() throws IOException {
    upstream.script((connection, request) -> request == 1 ? Cue.ANSWER : Cue.CLOSE);
    read(open());
    HttpURLConnection put = open();
    put.setRequestMethod("PUT");
    put.setDoOutput(true);
    put.setFixedLengthStreamingMode(5);
    try (OutputStream out = put.getOutputStream()) {
      out.write(new byte[5]);
    }
    assertThrows(IOException.class, () -> read(put));
    assertEquals(2, upstream.requests());
    Attempt failed = agent.attempts().get(1);
    assertEquals(Reason.BODY_NOT_REPLAYABLE, failed.retry);
    assertFalse(failed.retried);
  }

  @Test
  void aConnectionThatWasParkedBeforeTheAgentCameAndDiedSinceIsNotLeased() throws Exception {
    KeepaliveHooks.engine(null);
    read(open());
    upstream.closeIdle(false);
    await("the upstream's socket is gone", () -> upstream.open() == 0);
    try (AgentUnderTest later = AgentUnderTest.with(Policy.builder("later").build())) {
      HttpURLConnection post = open();
      post.setRequestMethod("POST");
      post.setDoOutput(true);
      post.getOutputStream().write(1);
      assertEquals(200, post.getResponseCode());
      assertEquals(List.of(), later.faults());
    }
    assertEquals(2, upstream.accepted());
    assertEquals(2, upstream.requests());
  }

  @Test
  void whatDisconnectClosesTheAgentTakesForClosed() throws Exception {
    HttpURLConnection get = open();
    assertEquals(200, get.getResponseCode());
    get.disconnect();
    assertEquals(0, agent.idle());
    await("the upstream sees it", () -> upstream.open() == 0);
  }

  @Test
  void anAttemptOnAConnectionThatIsNotKeptEndsWithItsHead() throws IOException {
    upstream.respondWith("Connection: close");
    read(open());
    assertEquals(1, agent.attempts().size());
    assertEquals(200, agent.attempts().get(0).status);
  }

  private HttpURLConnection open() throws IOException {
    HttpURLConnection connection = (HttpURLConnection) target.openConnection();
    connection.setReadTimeout(20_000);
    return connection;
  }

  private static void read(HttpURLConnection connection) throws IOException {
    try (InputStream in = connection.getInputStream()) {
      in.readAllBytes();
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
