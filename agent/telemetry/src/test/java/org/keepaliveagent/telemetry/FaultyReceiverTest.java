package org.keepaliveagent.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.keepaliveagent.policy.Attempt;

/** A backend that is gone, refuses or hangs: the application does not notice. */
class FaultyReceiverTest {
  private static final Attempt ATTEMPT = Attempts.reuse(1, "GET", Attempts.SAMPLED);

  private final SystemProperties properties = new SystemProperties();
  private final List<String> messages = Collections.synchronizedList(new ArrayList<>());

  @AfterEach
  void stop() {
    properties.close();
    Await.threadsGone(TelemetryThread.NAME);
  }

  @Test
  void hanging() throws IOException {
    try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Telemetry telemetry = exportingTo("http://127.0.0.1:" + mute.getLocalPort());
      telemetry.attempt(ATTEMPT);
      try (Socket hanging = mute.accept()) {
        assertEquals('P', hanging.getInputStream().read(), "the POST of the first batch");
        assertNoWaiting(telemetry);
      }
    }
    Await.threadsGone("BatchSpanProcessor");
  }

  @Test
  void refusing() throws IOException {
    int port;
    try (ServerSocket gone = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      port = gone.getLocalPort();
    }
    Telemetry telemetry = exportingTo("http://127.0.0.1:" + port);
    telemetry.attempt(ATTEMPT);
    Await.until("the SDK has started", () -> Await.threads("BatchSpanProcessor") > 0);
    assertNoWaiting(telemetry);
    Await.threadsGone("BatchSpanProcessor");
  }

  @Test
  void killed() throws IOException, InterruptedException {
    OtlpReceiver receiver = OtlpReceiver.start();
    Telemetry telemetry = exportingTo(receiver.endpoint());
    telemetry.attempt(ATTEMPT);
    receiver.awaitSpans(2, Duration.ofSeconds(20));
    receiver.close();
    assertNoWaiting(telemetry);
    Await.threadsGone("BatchSpanProcessor");
  }

  @Test
  void aSettingThatTheSdkRejectsIsSaidOnceAndContained() {
    properties.set("otel.traces.exporter", "carrier-pigeon");
    Telemetry telemetry = exportingTo("http://127.0.0.1:1");
    telemetry.attempt(ATTEMPT);
    telemetry.attempt(ATTEMPT);
    Await.until("both attempts are counted as dropped", () -> telemetry.dropped() == 2);
    telemetry.attempt(ATTEMPT);
    Await.until("so is the next one", () -> telemetry.dropped() == 3);
    telemetry.close();
    assertEquals(1, messages.size(), messages::toString);
    assertTrue(messages.get(0).contains("carrier-pigeon"), messages.get(0));
  }

  @Test
  void closingTwiceOrBeforeAnyAttemptIsHarmless() {
    Telemetry telemetry = exportingTo("http://127.0.0.1:1");
    telemetry.close();
    telemetry.close();
    telemetry.attempt(ATTEMPT);
    assertEquals(1, telemetry.dropped());
    Telemetry neverStarted = new Telemetry(Switch.AUTO, SpanChoice.ALL, messages::add);
    neverStarted.close();
    assertEquals(List.of(), messages);
  }

  private Telemetry exportingTo(String endpoint) {
    properties.set("otel.exporter.otlp.endpoint", endpoint);
    properties.set("otel.bsp.schedule.delay", "1");
    Telemetry telemetry = new Telemetry(Switch.AUTO, SpanChoice.ALL, messages::add);
    telemetry.start();
    return telemetry;
  }

  private void assertNoWaiting(Telemetry telemetry) {
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          for (int i = 0; i < 100_000; i++) {
            telemetry.attempt(ATTEMPT);
          }
        });
    long before = System.nanoTime();
    telemetry.close();
    Duration took = Duration.ofNanos(System.nanoTime() - before);
    assertTrue(took.compareTo(Duration.ofSeconds(3)) < 0, () -> "close took " + took);
    assertTrue(messages.size() <= 1, "once a minute at most: " + messages);
  }
}
