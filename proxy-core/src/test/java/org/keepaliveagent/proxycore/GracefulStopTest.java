package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
@Timeout(60)
class GracefulStopTest {
  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch mayAnswer = new CountDownLatch(1);

  private Origin slow() throws IOException {
    return Origin.answering(
        (serial, request) -> {
          if (request.start().contains("/slow")) {
            asked.countDown();
            mayAnswer.await();
          }
          return Origin.ok("done");
        });
  }

  @Test
  void exchangesEndAndIdleClientsAreClosed() throws Exception {
    try (Origin origin = slow();
        TestProxy proxy = TestProxy.to(origin);
        Wire busy = proxy.connect();
        Wire idle = proxy.connect()) {
      assertEquals("done", idle.get("/").body());
      busy.send("GET /slow HTTP/1.1\nHost: h\n\n");
      asked.await();
      Thread stop = new Thread(() -> proxy.stop(Duration.ofSeconds(10)));
      stop.start();

      assertEquals("", idle.rest());
      TestProxy.await("new clients to be refused", () -> isRefused(proxy));
      mayAnswer.countDown();
      Wire.Message answer = busy.message();
      assertEquals("done", answer.body());
      assertEquals("close", answer.header("Connection"));
      assertEquals("", busy.rest());
      stop.join();
    }
  }

  private static boolean isRefused(TestProxy proxy) throws IOException {
    try {
      proxy.connect().close();
      return false; // The kernel still listens, for a moment.
    } catch (ConnectException e) {
      return true;
    } catch (SocketException e) {
      return false; // It had been taken into the queue that was then closed.
    }
  }

  @Test
  void whatDoesNotEndIsClosed() throws Exception {
    try (Origin origin = slow();
        TestProxy proxy = TestProxy.to(origin);
        Wire busy = proxy.connect()) {
      busy.send("GET /slow HTTP/1.1\nHost: h\n\n");
      asked.await();
      proxy.stop(Duration.ofMillis(50));
      assertEquals("", busy.rest());
    }
  }

  @Test
  void noThreadIsLeft() throws Exception {
    try (Origin origin = Origin.counting();
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      client.get("/");
    }
    // A loop says that it has terminated a moment before its thread is gone.
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("proxy-core")) {
        thread.join(10_000);
        assertFalse(thread.isAlive(), thread + " goes on");
      }
    }
  }
}
