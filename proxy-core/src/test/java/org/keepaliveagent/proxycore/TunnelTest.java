package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What follows a 101, compared with nginx 1.22. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class TunnelTest {
  private static final String SWITCHING =
      "HTTP/1.1 101 Switching\nConnection: upgrade\nUpgrade: x\n\n";
  private static final String UPGRADE =
      "GET / HTTP/1.1\nHost: h\nConnection: upgrade\nUpgrade: x\n\n";

  private final CountDownLatch ended = new CountDownLatch(1);

  /** Says the first bytes with its 101, and each later block back. */
  private Origin echo() throws Exception {
    return Origin.scripted(
        (serial, wire) -> {
          wire.message();
          wire.send(SWITCHING + "first");
          try {
            byte[] block = new byte[8192];
            for (int n = wire.in().read(block); n > 0; n = wire.in().read(block)) {
              wire.out().write(block, 0, n);
              wire.out().flush();
            }
          } finally {
            ended.countDown();
          }
        });
  }

  private void assertUpstreamEnds() throws Exception {
    assertTrue(ended.await(Wire.PATIENCE_SECONDS, TimeUnit.SECONDS), "the upstream's end");
  }

  @Test
  void bytesPassBothWays() throws Exception {
    try (Origin origin = echo();
        TestProxy proxy = TestProxy.to(origin)) {
      try (Wire client = proxy.connect()) {
        client.send(UPGRADE);
        Wire.Head head = client.head();
        assertEquals("HTTP/1.1 101 Switching", head.start());
        assertEquals(List.of("Connection: upgrade", "Upgrade: x"), head.lines());
        assertEquals("first", client.text(5));
        client.send("GET / HTTP/1.1\n\n");
        assertEquals("GET / HTTP/1.1\r\n\r\n", client.text(18));
        byte[] block = new byte[64 << 10];
        for (int i = 0; i < 64; i++) {
          client.out().write(block);
          client.out().flush();
          assertEquals(block.length, client.in().readNBytes(block.length).length);
        }
        assertEquals(1, proxy.open());
        assertEquals(0, proxy.parked());
      }
      assertUpstreamEnds();
      TestProxy.await("both ends to be forgotten", () -> proxy.open() + proxy.clientCount() == 0);
      assertEquals(0, proxy.parked());
    }
  }

  @Test
  void theEndOfOneSideIsTheEndOfBoth() throws Exception {
    try (Origin origin = echo();
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      client.send(UPGRADE);
      client.head();
      assertEquals("first", client.text(5));
      client.closeOutput();
      assertEquals("", client.rest());
      assertUpstreamEnds();
    }
  }

  @Test
  void whatAnUpstreamSaysBeforeItsEndArrives() throws Exception {
    try (Origin origin =
            Origin.scripted(
                (serial, wire) -> {
                  wire.message();
                  wire.send(SWITCHING + "x".repeat(1 << 20));
                });
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      client.send(UPGRADE);
      client.head();
      assertEquals(1 << 20, client.rest().length());
    }
  }

  @Test
  void silenceEndsBothSides() throws Exception {
    try (Origin origin = echo();
        TestProxy proxy = TestProxy.with("proxy_read_timeout 200ms;", origin);
        Wire client = proxy.connect()) {
      client.send(UPGRADE);
      client.head();
      assertEquals("first", client.rest());
      assertUpstreamEnds();
    }
  }

  @Test
  void aStopEndsItAtItsLimit() throws Exception {
    try (Origin origin = echo();
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      client.send(UPGRADE);
      client.head();
      assertEquals("first", client.text(5));
      proxy.stop(Duration.ofMillis(200));
      assertEquals("", client.rest());
      assertUpstreamEnds();
    }
  }

  @Test
  void whatNobodyAskedForIsAResponseUntilTheUpstreamEnds() throws Exception {
    try (Origin origin =
            Origin.scripted(
                (serial, wire) -> {
                  wire.message();
                  wire.send(SWITCHING + "raw bytes");
                });
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      client.send("GET / HTTP/1.1\nHost: h\n\n");
      assertEquals("HTTP/1.1 101 Switching", client.head().start());
      assertEquals("raw bytes", client.rest());
      assertEquals(0, proxy.parked());
    }
  }

  @Test
  void aRequestBeforeTheSwitchEndsIt() throws Exception {
    try (Origin origin = echo();
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      client.send(UPGRADE + "GET / HTTP/1.1\nHost: h\n\n");
      client.head();
      assertEquals("", client.rest());
      assertUpstreamEnds();
    }
  }
}
