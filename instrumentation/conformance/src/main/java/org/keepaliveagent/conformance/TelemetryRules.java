package org.keepaliveagent.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.keepaliveagent.policy.Attempt;

/**
 * T: attempts that end before a request can be sent; the other rules see what comes of the rest.
 */
abstract class TelemetryRules extends SocketRules {
  private static final String PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  TelemetryRules(Subject subject) {
    super(subject);
  }

  @Test
  void T1_anAttemptThatTheUpstreamRefusesIsToldOf() throws Exception {
    skipIfUntested("T1 refused");
    String scheme = subject().tls() ? "https" : "http";
    // Bound and not listening: nobody else gets the port, and whoever connects is refused.
    try (Socket bound = new Socket()) {
      bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      String url = scheme + "://127.0.0.1:" + bound.getLocalPort();
      String without = failure(newClient(url + "/", trust));
      AgentUnderTest under = under(p -> p);
      assertEquals(without, failure(newClient(url + "/", trust)), "the failure, as without agent");
      await("the attempt is told of", () -> !under.attempts().isEmpty());
      assertEquals(client.triesWhenRefused(), under.attempts().size(), "attempts told of");
      for (Attempt told : under.attempts()) {
        assertTold("GET " + url + ": connection_refused", told);
        assertEquals(Attempt.Phase.CONNECT, told.failedIn, "the phase in which it failed");
        assertEquals(0, told.connectionId, "the connection that it had");
        assertEquals(0, told.status, "the status of its response");
      }
    }
  }

  /** Some libraries have a connection, and write the request, before the handshake begins. */
  @Test
  void T1_anAttemptWhoseHandshakeFailsIsToldOf() throws Exception {
    Assumptions.assumeTrue(subject().tls(), "a rule of TLS");
    skipIfUntested("T1 handshake");
    AgentUnderTest under = under(p -> p);
    failure(newClient(upstream.url(), null));
    await("the attempt is told of", () -> !under.attempts().isEmpty());
    assertEquals(1, under.attempts().size(), "attempts told of");
    assertTold(
        "GET https://127.0.0.1:" + upstream.port() + ": tls_failure", under.attempts().get(0));
  }

  private static String failure(ClientDriver of) {
    try {
      return "none, but " + of.send("GET", null, Map.of("traceparent", PARENT));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static void assertTold(String expected, Attempt told) {
    String upstream = told.scheme + "://" + told.host + ":" + told.port;
    assertEquals(expected, told.method + " " + upstream + ": " + told.errorType, "the attempt");
    assertEquals(PARENT, told.traceparent, "the trace that the request carried");
  }
}
