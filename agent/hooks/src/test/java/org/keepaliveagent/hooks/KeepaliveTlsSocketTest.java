package org.keepaliveagent.hooks;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/** What a peer does to an idle TLS socket is told from what the session says of itself. */
@Timeout(30)
@ParameterizedClass
@CsvSource({
  "TLSv1.2, LAYERED", "TLSv1.2, LAYERED_OVER_UNKNOWN", "TLSv1.2, DIRECT",
  "TLSv1.3, LAYERED", "TLSv1.3, LAYERED_OVER_UNKNOWN", "TLSv1.3, DIRECT",
})
class KeepaliveTlsSocketTest {
  private static SSLContext context;

  @Parameter(0)
  private String protocol;

  @Parameter(1)
  private TlsPair.Make make;

  private TlsPair pair;

  @BeforeAll
  static void makeACertificate(@TempDir Path folder) throws Exception {
    context = TlsPair.context(folder);
  }

  @BeforeEach
  void connect() throws Exception {
    TlsPair.standIn();
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      pair = new TlsPair(context, protocol, make, listener.getLocalPort(), listener, () -> {});
    }
    pair.exchange();
  }

  @AfterEach
  void disconnect() throws IOException {
    KeepaliveHooks.engine(null);
    pair.close();
  }

  @Test
  void anIdleSocketIsQuiet() throws IOException {
    for (int i = 0; i < 10; i++) {
      assertTrue(pair.isQuiet());
      pair.exchange();
    }
  }

  @Test
  void aFinIsSeen() throws Exception {
    pair.peerRaw.close();
    awaitUnquiet();
  }

  @Test
  void aResetIsSeen() throws Exception {
    pair.peerRaw.setSoLinger(true, 0);
    pair.peerRaw.close();
    awaitUnquiet();
  }

  @Test
  void theEndOfTheSessionIsSeen() throws Exception {
    pair.peer.close();
    TlsPair.await("the close_notify is there", pair::hasArrived);
    assertFalse(pair.isQuiet());
    assertFalse(pair.isQuiet());
  }

  @Test
  void strayBytesAreSeen() throws Exception {
    pair.peer.getOutputStream().write("stray".getBytes(US_ASCII));
    TlsPair.await("they are there", pair::hasArrived);
    assertFalse(pair.isQuiet());
    assertEquals(TlsPair.SO_TIMEOUT, pair.socket.getSoTimeout());
  }

  @Test
  void aRecordThatIsNoneOfTheSessionsIsSeen() throws Exception {
    pair.peerRaw.getOutputStream().write(new byte[] {23, 3, 3, 0, 3, 'b', 'a', 'd'});
    TlsPair.await("it is there", pair::hasArrived);
    assertFalse(pair.isQuiet());
  }

  @Test
  void aMessageOfTheSessionIsQuiet() throws Exception {
    Assumptions.assumeTrue(protocol.equals("TLSv1.3"), "TLS 1.2 has none that needs no answer");
    for (int i = 0; i < 10; i++) {
      updateKeys();
      TlsPair.await("the key update is there", pair::hasArrived);
      assertTrue(pair.isQuiet());
      assertFalse(pair.hasArrived());
      assertEquals(TlsPair.SO_TIMEOUT, pair.socket.getSoTimeout());
      pair.exchange();
    }
  }

  @Test
  void aFinBehindAMessageOfTheSessionIsSeen() throws Exception {
    Assumptions.assumeTrue(protocol.equals("TLSv1.3"), "TLS 1.2 has none that needs no answer");
    updateKeys();
    pair.peerRaw.close();
    TlsPair.await("the key update is there", pair::hasArrived);
    awaitUnquiet();
  }

  @Test
  void whereNothingMayBeReadWhatOnlyReadingTellsIsQuietAndStays() throws Exception {
    pair.peer.getOutputStream().write("stray".getBytes(US_ASCII));
    TlsPair.await("they are there", pair::hasArrived);
    assertTrue(KeepaliveSocket.isQuiet(this, pair.raw, pair.socket));
    assertTrue(pair.hasArrived());
    assertFalse(pair.isQuiet());
  }

  @Test
  void whereNobodyCanLookEverythingIsQuiet() throws Exception {
    pair.peerRaw.close();
    awaitUnquiet();
    KeepaliveHooks.engine(null);
    assertTrue(pair.isQuiet());
    TlsPair.standIn();
    pair.socket.close();
    assertTrue(pair.isQuiet());
  }

  /** In TLS 1.3 a second handshake is a key update, which asks for one in return. */
  private void updateKeys() throws IOException {
    pair.peer.startHandshake();
  }

  private void awaitUnquiet() throws InterruptedException {
    TlsPair.await("what the peer did is seen", () -> !pair.isQuiet());
  }
}
