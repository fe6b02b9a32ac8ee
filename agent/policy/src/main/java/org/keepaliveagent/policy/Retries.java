package org.keepaliveagent.policy;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Exchanges whose repetition was decided and has not been sent yet. Almost always empty, and then
 * costs two volatile reads.
 */
final class Retries {
  /** After this time a repetition that was never sent is forgotten. */
  static final long FORGET_NANOS = 60_000_000_000L;

  private final ConcurrentMap<Identity, Retry> decided = new ConcurrentHashMap<>();

  void put(Object exchange, Retry retry) {
    decided.put(new Identity(exchange), retry);
  }

  boolean needsFresh(Object exchange) {
    Retry retry = decided(exchange);
    return retry != null && retry.onFresh;
  }

  /** The repetition of this exchange that was decided and not sent yet. */
  @Nullable Retry decided(Object exchange) {
    return decided.isEmpty() ? null : decided.get(new Identity(exchange));
  }

  @Nullable Retry take(Object exchange) {
    return decided.isEmpty() ? null : decided.remove(new Identity(exchange));
  }

  /** Repetitions of requests to this upstream that were decided and not sent yet. */
  int waiting(Upstream upstream) {
    if (decided.isEmpty()) {
      return 0;
    }
    int waiting = 0;
    for (Retry retry : decided.values()) {
      waiting += retry.upstream == upstream ? 1 : 0;
    }
    return waiting;
  }

  /** Forgets what was never sent. The sweep thread only. */
  void sweep(long now) {
    decided.values().removeIf(retry -> now - retry.decidedAt > FORGET_NANOS);
  }

  private static final class Identity {
    private final Object exchange;

    Identity(Object exchange) {
      this.exchange = exchange;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(exchange);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Identity && ((Identity) other).exchange == exchange;
    }
  }
}
