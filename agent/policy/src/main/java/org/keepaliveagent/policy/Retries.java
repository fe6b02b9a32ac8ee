package org.keepaliveagent.policy;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Exchanges whose repetition was decided and has not been sent yet. Almost always empty, and then
 * costs one volatile read.
 */
final class Retries {
  /** After this time a repetition that was never sent is forgotten. */
  static final long FORGET_NANOS = 60_000_000_000L;

  private final ConcurrentMap<Identity, Retry> decided = new ConcurrentHashMap<>();
  private volatile boolean any;

  void put(Object exchange, Retry retry) {
    decided.put(new Identity(exchange), retry);
    any = true;
  }

  boolean needsFresh(Object exchange) {
    Retry retry = decided(exchange);
    return retry != null && retry.onFresh;
  }

  /** The repetition of this exchange that was decided and not sent yet. */
  @Nullable Retry decided(Object exchange) {
    return any ? decided.get(new Identity(exchange)) : null;
  }

  @Nullable Retry take(Object exchange) {
    return any ? decided.remove(new Identity(exchange)) : null;
  }

  /** Repetitions of requests to this upstream that were decided and not sent yet. */
  int waiting(Upstream upstream) {
    int waiting = 0;
    if (any) {
      for (Retry retry : decided.values()) {
        waiting += retry.upstream == upstream ? 1 : 0;
      }
    }
    return waiting;
  }

  /** Forgets what was never sent. The sweep thread only. */
  void sweep(long now) {
    if (!any) {
      return;
    }
    any = false;
    decided.values().removeIf(retry -> now - retry.decidedAt > FORGET_NANOS);
    if (!decided.isEmpty()) {
      any = true;
    }
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
