package org.keepaliveagent.proxycore;

import java.util.concurrent.atomic.LongAdder;

/**
 * How many clients there are and were, of all workers, also of those before a reload.
 *
 * <p>Counted on event loops, read anywhere; the numbers of one look may be a moment apart.
 */
final class ConnectionCounts {
  private final LongAdder accepted = new LongAdder();
  private final LongAdder closed = new LongAdder();
  private final LongAdder requests = new LongAdder();
  private final LongAdder reading = new LongAdder();
  private final LongAdder writing = new LongAdder();

  void accepted() {
    accepted.increment();
  }

  void closed() {
    closed.increment();
  }

  /** A request has begun. */
  void asked() {
    requests.increment();
  }

  /** Connections have begun or ended to send the head of a request. */
  void reading(int begun, int ended) {
    if (begun != ended) {
      reading.add(begun - ended);
    }
  }

  /** Connections have begun or ended to have a request answered. */
  void writing(int begun, int ended) {
    if (begun != ended) {
      writing.add(begun - ended);
    }
  }

  /** As {@code ngx_http_stub_status_handler} writes them; every connection is handled. */
  String text() {
    long handled = accepted.sum();
    long active = handled - closed.sum();
    long read = reading.sum();
    long written = writing.sum();
    return "Active connections: %d \nserver accepts handled requests\n %d %d %d \nReading: %d Writing: %d Waiting: %d \n"
        .formatted(
            active,
            handled,
            handled,
            requests.sum(),
            read,
            written,
            Math.max(0, active - read - written));
  }
}
