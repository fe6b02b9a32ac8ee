package org.keepaliveagent.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.keepaliveagent.policy.Attempt;

class RingTest {
  private static final Attempt ATTEMPT = Attempts.reuse(1, "GET", Attempts.SAMPLED);

  @Test
  void aFullRingDropsAndCountsAndNeverWaits() {
    // Not started: nobody empties the ring, so whoever waited would wait forever.
    Telemetry telemetry = new Telemetry(Switch.ON, SpanChoice.ALL, 8, message -> {});
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          for (int i = 0; i < 100_008; i++) {
            telemetry.attempt(ATTEMPT);
          }
        });
    assertEquals(100_000, telemetry.dropped());
  }

  @Test
  void whatManyThreadsOfferIsExportedOrCounted() throws IOException, InterruptedException {
    try (OtlpReceiver receiver = OtlpReceiver.start();
        SystemProperties properties = new SystemProperties()) {
      properties.set("otel.exporter.otlp.endpoint", receiver.endpoint());
      properties.set("otel.bsp.schedule.delay", "50");
      Telemetry telemetry = new Telemetry(Switch.AUTO, SpanChoice.ALL, 64, message -> {});
      telemetry.start();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Thread thread = new Thread(() -> offer(telemetry, 250));
        thread.start();
        threads.add(thread);
      }
      for (Thread thread : threads) {
        thread.join();
      }
      // Two spans of each attempt; 1000 of them fit into the SDK's own queue of 2048.
      Await.until(
          "every attempt is exported or counted as dropped",
          () -> telemetry.dropped() + receiver.spans().size() / 2 == 1000);
      telemetry.close();
    }
    Await.threadsGone("BatchSpanProcessor");
  }

  private static void offer(Telemetry telemetry, int times) {
    for (int i = 0; i < times; i++) {
      telemetry.attempt(ATTEMPT);
    }
  }
}
