package org.keepaliveagent.hooks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a peer does to an idle socket is seen without reading from it. */
@Timeout(30)
class KeepaliveSocketTest {
  private ServerSocket listener;
  private Socket socket;
  private Socket peer;

  @BeforeEach
  void connect() throws IOException {
    KeepaliveHooks.engine(
        (KeepaliveEngine)
            Proxy.newProxyInstance(
                KeepaliveEngine.class.getClassLoader(),
                new Class<?>[] {KeepaliveEngine.class},
                (proxy, method, arguments) -> null));
    listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    socket = new Socket(listener.getInetAddress(), listener.getLocalPort());
    peer = listener.accept();
    assertTrue(KeepaliveSocket.canLook());
  }

  @AfterEach
  void disconnect() throws IOException {
    KeepaliveHooks.engine(null);
    socket.close();
    peer.close();
    listener.close();
  }

  @Test
  void anIdleSocketIsQuiet() {
    assertTrue(KeepaliveSocket.isQuiet(socket));
  }

  @Test
  void aFinIsSeen() throws Exception {
    peer.close();
    awaitUnquiet();
  }

  @Test
  void aResetIsSeen() throws Exception {
    peer.setSoLinger(true, 0);
    peer.close();
    awaitUnquiet();
  }

  @Test
  void bytesAreSeenAndLeftWhereTheyAre() throws Exception {
    peer.getOutputStream().write(7);
    awaitUnquiet();
    assertEquals(7, socket.getInputStream().read());
    assertTrue(KeepaliveSocket.isQuiet(socket));
  }

  @Test
  void whereNobodyCanLookEverythingIsQuiet() throws Exception {
    assertTrue(KeepaliveSocket.isQuiet(null));
    try (Socket unconnected = new Socket()) {
      assertTrue(KeepaliveSocket.isQuiet(unconnected));
    }
    peer.close();
    awaitUnquiet();
    KeepaliveHooks.engine(null);
    assertTrue(KeepaliveSocket.isQuiet(socket));
    socket.close();
    assertTrue(KeepaliveSocket.isQuiet(socket));
  }

  private void awaitUnquiet() throws InterruptedException {
    while (KeepaliveSocket.isQuiet(socket)) {
      Thread.sleep(1);
    }
  }
}
