package org.keepaliveagent.jdktls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keepaliveagent.conformance.AgentUnderTest;
import org.keepaliveagent.conformance.TestTls;
import org.keepaliveagent.policy.Mode;
import org.keepaliveagent.policy.Policy;

/**
 * {@code ssl_session_reuse} on the JDK's sockets and engines, against a server that would resume.
 */
class JdkTlsTest {
  private static final int CONNECTIONS = 4;

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void sessionsOfSocketsAreOfferedAgainUnlessThePolicySaysNo(String protocol) throws Exception {
    assertTrue(resumedOnSockets(protocol, policy(Policy.Answer.UNSTATED)) > 0);
    assertTrue(resumedOnSockets(protocol, policy(Policy.Answer.ON)) > 0);
    assertEquals(0, resumedOnSockets(protocol, policy(Policy.Answer.OFF)));
  }

  @Test
  void aPolicyThatObservesLeavesSessionsAlone() throws Exception {
    Policy observed =
        Policy.builder("test").mode(Mode.OBSERVE).sslSessionReuse(Policy.Answer.OFF).build();
    assertTrue(resumedOnSockets("TLSv1.3", observed) > 0);
  }

  @Test
  void sessionsOfEnginesAreOfferedAgainUnlessThePolicySaysNo() throws Exception {
    assertTrue(resumedOnEngines(policy(Policy.Answer.ON)) > 0);
    assertEquals(0, resumedOnEngines(policy(Policy.Answer.OFF)));
  }

  @Test
  void aPolicyThatChangesHoldsForTheNextConnection() throws Exception {
    SSLContext context = TestTls.context();
    try (Server server = new Server();
        AgentUnderTest agent = AgentUnderTest.with(policy(Policy.Answer.OFF))) {
      connect(context, server, "TLSv1.3");
      assertFalse(connect(context, server, "TLSv1.3"));
      agent.reload(policy(Policy.Answer.ON));
      assertTrue(connect(context, server, "TLSv1.3"));
      assertFalse(agent.upstreams().iterator().hasNext(), "asking makes no upstream");
    }
  }

  private static Policy policy(Policy.Answer reuse) {
    return Policy.builder("test").sslSessionReuse(reuse).build();
  }

  private static int resumedOnSockets(String protocol, Policy policy) throws Exception {
    SSLContext context = TestTls.context();
    try (Server server = new Server();
        AgentUnderTest agent = AgentUnderTest.with(policy)) {
      int resumed = 0;
      for (int i = 0; i < CONNECTIONS; i++) {
        resumed += connect(context, server, protocol) ? 1 : 0;
      }
      assertEquals(0, agent.faults().size(), agent.faults().toString());
      return resumed;
    }
  }

  /** One request on a connection of its own; whether its session was resumed. */
  private static boolean connect(SSLContext context, Server server, String protocol)
      throws IOException {
    long connectingAt = nextMilli();
    try (SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", server.port())) {
      socket.setEnabledProtocols(new String[] {protocol});
      socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII));
      assertTrue(
          new String(socket.getInputStream().readAllBytes(), US_ASCII).startsWith("HTTP/1.1 200"));
      return isOlder(socket.getSession(), connectingAt);
    }
  }

  private static int resumedOnEngines(Policy policy) throws Exception {
    try (Server server = new Server();
        AgentUnderTest agent = AgentUnderTest.with(policy)) {
      HttpClient client = HttpClient.newBuilder().sslContext(TestTls.context()).build();
      int resumed = 0;
      for (int i = 0; i < CONNECTIONS; i++) {
        long connectingAt = nextMilli();
        HttpResponse<String> response =
            client.send(
                HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.port() + "/"))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
        assertEquals(200, response.statusCode());
        resumed += isOlder(response.sslSession().orElseThrow(), connectingAt) ? 1 : 0;
      }
      assertEquals(0, agent.faults().size(), agent.faults().toString());
      return resumed;
    }
  }

  /** A resumed session is as old as the handshake that made it. */
  private static boolean isOlder(SSLSession session, long connectingAt) {
    return session.getCreationTime() < connectingAt;
  }

  /** The time of day, after all that came before. */
  private static long nextMilli() {
    long now = System.currentTimeMillis();
    while (System.currentTimeMillis() == now) {
      Thread.onSpinWait();
    }
    return System.currentTimeMillis();
  }

  /** Answers one request a connection. */
  private static final class Server implements AutoCloseable {
    private final SSLServerSocket socket;
    private final AtomicReference<IOException> failure = new AtomicReference<>();
    private final Thread thread;

    Server() throws IOException {
      socket =
          (SSLServerSocket)
              TestTls.context()
                  .getServerSocketFactory()
                  .createServerSocket(0, 16, InetAddress.getLoopbackAddress());
      thread = new Thread(this::serve, "tls-server");
      thread.start();
    }

    private void serve() {
      while (!socket.isClosed()) {
        try (SSLSocket connection = (SSLSocket) socket.accept()) {
          int last = 0;
          while (last != -1 && !(last == '\n' && blank(connection))) {
            last = connection.getInputStream().read();
          }
          connection
              .getOutputStream()
              .write(
                  "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
                      .getBytes(US_ASCII));
        } catch (IOException e) {
          if (!socket.isClosed()) {
            failure.compareAndSet(null, e);
          }
        }
      }
    }

    /** Whether the line that begins is empty: the head is over. */
    private static boolean blank(SSLSocket connection) throws IOException {
      return connection.getInputStream().read() == '\r';
    }

    int port() {
      return socket.getLocalPort();
    }

    @Override
    public void close() throws IOException {
      socket.close();
      try {
        thread.join(10_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      assertFalse(thread.isAlive());
      IOException failed = failure.get();
      if (failed != null) {
        throw failed;
      }
    }
  }
}
