package org.keepaliveagent.proxycore;

import java.util.ArrayDeque;

/**
 * How long the requests of a client's connection are, and when they began; told by its {@link
 * RequestGuard}, which may be some requests ahead of the one that is being answered.
 */
final class RequestMeter {
  private final ArrayDeque<Long> whole = new ArrayDeque<>();
  private long partial;
  private boolean begun;
  private boolean ended;
  private long firstByteNanos;

  /** Bytes have come. */
  void received() {
    if (!begun) {
      begun = true;
      firstByteNanos = System.nanoTime();
    }
  }

  /** So many bytes more belong to a request. */
  void passed(int bytes) {
    partial += bytes;
    if (ended) {
      whole.add(partial);
      partial = 0;
      ended = false;
    }
  }

  /** A request ends with the bytes that are told next. */
  void ends() {
    ended = true;
    begun = false;
  }

  /** When the first byte came of a request whose head is whole now, or of one before it. */
  long firstByteNanos() {
    return firstByteNanos;
  }

  /** Whether all has come of the oldest request that was not taken yet. */
  boolean isWhole() {
    return !whole.isEmpty();
  }

  /** The bytes of the oldest request that was not taken yet, all of them or those that came. */
  long length() {
    return whole.isEmpty() ? partial : whole.getFirst();
  }

  /** Goes on to the next request. */
  void take() {
    whole.poll();
  }
}
