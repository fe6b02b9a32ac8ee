package org.keepaliveagent.hooks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Session tickets and key updates that arrive while a connection is idle do not cost it: a TLS 1.3
 * upstream whose ticket is late on every connection and that updates its keys after every tenth
 * response.
 */
@Timeout(120)
class LateSessionMessagesTest {
  private static final List<TlsPair.Make> MAKES = List.of(TlsPair.Make.values());
  private static final int CONNECTIONS = 50;
  private static final int EXCHANGES = 199;

  @BeforeEach
  void standIn() {
    TlsPair.standIn();
  }

  @AfterEach
  void standDown() {
    KeepaliveHooks.engine(null);
  }

  @Test
  void noneOfTenThousandLeasesIsRefusedForThem(@TempDir Path folder) throws Exception {
    SSLContext context = TlsPair.context(folder);
    int leases = 0;
    int refused = 0;
    int ambiguous = 0;
    for (int i = 0; i < CONNECTIONS; i++) {
      TlsPair.Make make = MAKES.get(i % MAKES.size());
      try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
          SlowRelay relay = new SlowRelay(listener.getLocalPort());
          TlsPair pair =
              new TlsPair(context, "TLSv1.3", make, relay.port(), listener, relay::letGo)) {
        TlsPair.await("the ticket is there", pair::hasArrived);
        for (int exchange = 0; exchange <= EXCHANGES; exchange++) {
          if (pair.hasArrived()) {
            ambiguous++;
          }
          leases++;
          if (!pair.isQuiet()) {
            refused++;
          }
          pair.exchange();
          if (exchange % 10 == 0) {
            pair.peer.startHandshake();
            TlsPair.await("the key update is there", pair::hasArrived);
          }
        }
      }
    }
    System.out.println(
        "TLS 1.3: "
            + leases
            + " leases, "
            + ambiguous
            + " looks met a message of the session's, "
            + refused
            + " refused");
    assertEquals(10_000, leases);
    assertTrue(ambiguous >= 1_000, "looks that met a message: " + ambiguous);
    assertEquals(0, refused, "healthy connections were refused");
  }

  /**
   * Keeps back what a client sends after its hello, so that the upstream's tickets, which answer
   * the end of the handshake, arrive when the client has long been ready.
   */
  private static final class SlowRelay implements AutoCloseable {
    private final ServerSocket listener;
    private final CountDownLatch go = new CountDownLatch(1);
    private final Thread there;

    SlowRelay(int upstreamPort) throws IOException {
      listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      there = new Thread(() -> relay(upstreamPort), "relay there");
      there.start();
    }

    int port() {
      return listener.getLocalPort();
    }

    void letGo() {
      go.countDown();
    }

    private void relay(int upstreamPort) {
      try (Socket client = listener.accept();
          Socket upstream = new Socket(listener.getInetAddress(), upstreamPort)) {
        client.setTcpNoDelay(true);
        upstream.setTcpNoDelay(true);
        Thread back = new Thread(() -> copy(upstream, client), "relay back");
        back.start();
        DataInputStream in = new DataInputStream(client.getInputStream());
        byte[] header = in.readNBytes(5);
        OutputStream out = upstream.getOutputStream();
        out.write(header);
        out.write(in.readNBytes(Short.toUnsignedInt(ByteBuffer.wrap(header).getShort(3))));
        go.await();
        copy(client, upstream);
        back.join();
      } catch (IOException over) {
        // the test has closed its ends
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private static void copy(Socket from, Socket to) {
      byte[] buffer = new byte[16_384];
      try {
        for (int n = from.getInputStream().read(buffer);
            n >= 0;
            n = from.getInputStream().read(buffer)) {
          to.getOutputStream().write(buffer, 0, n);
        }
        to.shutdownOutput();
      } catch (IOException over) {
        // one of the ends is gone
      }
    }

    @Override
    public void close() throws IOException {
      letGo();
      listener.close();
      try {
        there.join(10_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
