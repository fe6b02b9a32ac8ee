package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
@Timeout(60)
class PoolingTest {
  private static final String CLOSE =
      "HTTP/1.0 200 OK\nConnection: close\nKeep-Alive: timeout=0\nContent-Length: 0\n\n";

  @Test
  void aConnectionServesManyClients() throws Exception {
    try (Origin origin = Origin.counting();
        TestProxy proxy = TestProxy.to(origin)) {
      for (int i = 0; i < 3; i++) {
        try (Wire client = proxy.connect()) {
          assertEquals("connection 1", client.get("/").body());
          assertEquals("connection 1", client.get("/").body());
        }
      }
      assertEquals(1, proxy.parked());
      assertEquals(1, proxy.open());
    }
  }

  @Test
  void theLastParkedIsTheFirstLeased() throws Exception {
    Semaphore firstMayEnd = new Semaphore(0);
    try (Origin origin =
            Origin.answering(
                (serial, request) -> {
                  if (request.start().contains("/wait")) {
                    firstMayEnd.acquire();
                  }
                  return Origin.ok("connection " + serial);
                });
        TestProxy proxy = TestProxy.to(origin);
        Wire one = proxy.connect();
        Wire two = proxy.connect()) {
      one.send("GET /wait HTTP/1.1\nHost: h\n\n");
      TestProxy.await("the first connection", () -> origin.accepted() == 1);
      assertEquals("connection 2", two.get("/").body());
      firstMayEnd.release();
      assertEquals("connection 1", one.message().body());
      assertEquals(2, proxy.parked());
      assertEquals("connection 1", two.get("/").body());
      assertEquals("connection 1", one.get("/").body());
    }
  }

  @Test
  void whatTheUpstreamSaysOfItsConnectionIsIgnored() throws Exception {
    try (Origin origin = Origin.answering((serial, request) -> CLOSE);
        TestProxy proxy = TestProxy.to(origin)) {
      for (int i = 0; i < 3; i++) {
        try (Wire client = proxy.connect()) {
          assertEquals("HTTP/1.1 200 OK", client.get("/").start());
          assertEquals("", client.rest());
        }
      }
      assertEquals(1, origin.accepted());
    }
  }

  @Test
  void aConnectionThatEndedWhileParkedIsNotLeased() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    try (Origin origin =
            Origin.scripted(
                (serial, wire) -> {
                  wire.message();
                  wire.send(Origin.ok("connection " + serial));
                  end.await();
                });
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      assertEquals("connection 1", client.get("/").body());
      assertEquals(1, proxy.parked());
      end.countDown();
      awaitOpen(proxy, 0);
      assertEquals(0, proxy.parked());
      assertEquals("connection 2", client.get("/").body());
    }
  }

  @Test
  void anUnaskedResponseEndsAParkedConnection() throws Exception {
    try (Origin origin =
            Origin.scripted(
                (serial, wire) -> {
                  wire.message();
                  wire.send(Origin.ok("connection " + serial));
                  wire.send("HTTP/1.1 408 Request Timeout\nContent-Length: 0\n\n");
                  wire.rest();
                });
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      assertEquals("connection 1", client.get("/").body());
      awaitOpen(proxy, 0);
      assertEquals("connection 2", client.get("/").body());
    }
  }

  @Test
  void anEarlyResponseEndsTheConnection() throws Exception {
    try (Origin origin =
            Origin.scripted(
                (serial, wire) -> {
                  wire.head();
                  wire.send(Origin.ok("early"));
                  wire.rest();
                });
        TestProxy proxy = TestProxy.with("proxy_request_buffering off;", origin);
        Wire client = proxy.connect()) {
      client.send("POST / HTTP/1.1\nHost: h\nContent-Length: 100\n\nnot all");
      assertEquals("early", client.message().body());
      awaitOpen(proxy, 0);
      assertEquals(0, proxy.parked());
    }
  }

  @Test
  void serversAreUsedInTurn() throws Exception {
    try (Origin a = Origin.answering((serial, request) -> Origin.ok("a" + serial));
        Origin b = Origin.answering((serial, request) -> Origin.ok("b" + serial));
        TestProxy proxy = TestProxy.to(a, b);
        Wire client = proxy.connect()) {
      StringBuilder answers = new StringBuilder();
      for (int i = 0; i < 5; i++) {
        answers.append(client.get("/").body());
      }
      assertEquals("a1b1a1b1a1", answers.toString());
    }
  }

  private static void awaitOpen(TestProxy proxy, int count) throws Exception {
    TestProxy.await("open connections: " + count, () -> proxy.open() == count);
  }
}
