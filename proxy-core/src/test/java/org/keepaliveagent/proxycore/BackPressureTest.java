package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A sender is held back by a receiver that does not read, and the proxy keeps little between. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class BackPressureTest {
  private static final int SIZE = 64 << 20;
  private static final int BLOCK = 64 << 10;

  /** What the allocator may hold on top; measured: 1 to 3 MiB. */
  private static final long MEMORY = 8 << 20;

  private final CountDownLatch allSent = new CountDownLatch(1);
  private final CountDownLatch mayRead = new CountDownLatch(1);
  private final AtomicLong received = new AtomicLong();

  @Test
  void aDownloadWaitsForItsClient() throws Exception {
    try (Origin origin =
            Origin.scripted(
                (serial, wire) -> {
                  wire.message();
                  sendAll(wire, "HTTP/1.1 200 OK\nContent-Length: " + SIZE + "\n\n");
                  wire.rest();
                });
        TestProxy proxy = TestProxy.with("proxy_buffering off;", origin);
        Wire client = proxy.connect()) {
      long before = memory();
      client.send("GET / HTTP/1.1\nHost: h\n\n");
      assertFalse(allSent.await(500, TimeUnit.MILLISECONDS), "sent without a reader");
      checkMemory(before);
      client.head();
      receiveAll(client, before);
      assertEquals(1, proxy.parked());
    }
  }

  @Test
  void anUploadWaitsForItsUpstream() throws Exception {
    AtomicLong before = new AtomicLong();
    try (Origin origin =
            Origin.scripted(
                (serial, wire) -> {
                  wire.head();
                  mayRead.await();
                  receiveAll(wire, before.get());
                  wire.send(Origin.ok("thanks"));
                  wire.rest();
                });
        TestProxy proxy =
            TestProxy.with("client_max_body_size 0; proxy_request_buffering off;", origin);
        Wire client = proxy.connect()) {
      before.set(memory());
      Thread sender =
          new Thread(
              () -> sendAll(client, "PUT / HTTP/1.1\nHost: h\nContent-Length: " + SIZE + "\n\n"));
      sender.start();
      assertFalse(allSent.await(500, TimeUnit.MILLISECONDS), "sent without a reader");
      checkMemory(before.get());
      mayRead.countDown();
      sender.join();
      assertEquals("thanks", client.message().body());
      assertEquals(SIZE, received.get());
      assertEquals(1, proxy.parked());
    }
  }

  private void sendAll(Wire to, String head) {
    try {
      to.send(head);
      byte[] block = new byte[BLOCK];
      for (int sent = 0; sent < SIZE; sent += BLOCK) {
        to.out().write(block);
      }
      to.out().flush();
      allSent.countDown();
    } catch (IOException e) {
      // The receiver sees it.
    }
  }

  private void receiveAll(Wire from, long memoryBefore) throws IOException {
    byte[] block = new byte[BLOCK];
    while (received.get() < SIZE) {
      int length = from.in().read(block);
      assertTrue(length > 0, "the end after " + received);
      received.addAndGet(length);
      checkMemory(memoryBefore);
    }
  }

  private static void checkMemory(long before) {
    long more = memory() - before;
    assertTrue(more < MEMORY, "the proxy holds " + more + " bytes");
  }

  private static long memory() {
    var metric = ((AdaptiveByteBufAllocator) ByteBufAllocator.DEFAULT).metric();
    return metric.usedDirectMemory() + metric.usedHeapMemory();
  }
}
