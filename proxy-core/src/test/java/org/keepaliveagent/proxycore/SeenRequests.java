package org.keepaliveagent.proxycore;

import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** What an origin that always gives the same answer has been asked. */
final class SeenRequests {
  private final BlockingQueue<Wire.Message> seen = new ArrayBlockingQueue<>(100);

  /** Gives this answer to every request, and keeps the requests. */
  Origin origin(String answer) throws IOException {
    return Origin.answering(
        (serial, request) -> {
          seen.add(request);
          return answer;
        });
  }

  /** Waits for the next one; null where none comes. */
  Wire.Message next() throws InterruptedException {
    return seen.poll(Wire.PATIENCE_SECONDS, TimeUnit.SECONDS);
  }
}
