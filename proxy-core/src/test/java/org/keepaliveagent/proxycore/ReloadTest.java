package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
@Timeout(60)
class ReloadTest {
  private static ProxyConfig to(Origin origin, String... listen) throws ConfigException {
    StringBuilder addresses = new StringBuilder();
    for (String address : listen) {
      addresses.append("listen ").append(address).append(";");
    }
    String text = "http { server { %s location / { proxy_pass http://127.0.0.1:%d; } } }";
    return ProxyConfig.parse("nginx.conf", text.formatted(addresses, origin.port()));
  }

  private static Origin named(String name) throws IOException {
    return Origin.answering((serial, request) -> Origin.ok(name));
  }

  @Test
  void requestsInFlightAreAnsweredAndNewClientsGoTheNewWay() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch mayAnswer = new CountDownLatch(1);
    try (Origin slow =
            Origin.answering(
                (serial, request) -> {
                  asked.countDown();
                  mayAnswer.await();
                  return Origin.ok("old");
                });
        Origin next = named("new");
        TestProxy proxy = TestProxy.configured(to(slow, "127.0.0.1:0"));
        Wire busy = proxy.connect();
        Wire fresh = proxy.connect()) {
      InetSocketAddress before = proxy.address();
      busy.send("GET / HTTP/1.1\nHost: h\n\n");
      asked.await();
      TestProxy.await("both clients to be accepted", () -> proxy.clientCount() == 2);
      proxy.reload(to(next, "127.0.0.1:0"));
      assertEquals(before, proxy.address());
      try (Wire client = proxy.connect()) {
        assertEquals("new", client.get("/").body());
        assertEquals("new", client.get("/").body());
      }
      mayAnswer.countDown();
      for (Wire old : new Wire[] {busy, fresh}) {
        Wire.Message answer = old == busy ? old.message() : old.get("/");
        assertEquals("old", answer.body());
        assertEquals("close", answer.header("Connection"));
        assertEquals("", old.rest());
      }
    }
  }

  @Test
  void idleConnectionsOnBothSidesAreClosed() throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    try (Origin old =
            Origin.scripted(
                (serial, wire) -> {
                  wire.message();
                  wire.send(Origin.ok("old"));
                  wire.rest();
                  closed.countDown();
                });
        Origin next = named("new");
        TestProxy proxy = TestProxy.configured(to(old, "127.0.0.1:0"));
        Wire idle = proxy.connect()) {
      assertEquals("old", idle.get("/").body());
      proxy.reload(to(next, "127.0.0.1:0"));
      assertEquals("", idle.rest());
      closed.await();
    }
  }

  @Test
  void addressesComeAndGo() throws Exception {
    try (Origin origin = named("here");
        TestProxy proxy = TestProxy.configured(to(origin, "127.0.0.1:0"))) {
      InetSocketAddress first = proxy.address();
      proxy.reload(to(origin, "*:0"));
      assertTrue(Proxy.text(proxy.address()).startsWith("0.0.0.0:"));
      int port = proxy.address().getPort();
      InetAddress here = InetAddress.getLoopbackAddress();
      try (Wire client = Wire.connect(new InetSocketAddress(here, port))) {
        assertEquals("here", client.get("/").body());
      }
      assertThrows(ConnectException.class, () -> Wire.connect(first).close());
    }
  }

  @Test
  void anAddressThatIsTakenLeavesEverythingAsItWas() throws Exception {
    try (Origin origin = named("old");
        Origin next = named("new");
        ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        TestProxy proxy = TestProxy.configured(to(origin, "127.0.0.1:0"));
        Wire client = proxy.connect()) {
      assertEquals("old", client.get("/").body());
      ProxyConfig impossible = to(next, "127.0.0.1:0", "127.0.0.1:" + taken.getLocalPort());
      assertThrows(IOException.class, () -> proxy.reload(impossible));
      assertEquals("old", client.get("/").body());
    }
  }
}
