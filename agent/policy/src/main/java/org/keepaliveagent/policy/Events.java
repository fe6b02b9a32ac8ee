package org.keepaliveagent.policy;

import org.jspecify.annotations.Nullable;

/**
 * Takes what happened, on the application's thread: implementations hand it on and return at once,
 * without a lock, and never throw.
 */
public interface Events {
  /** Wants nothing. */
  Events NONE =
      new Events() {
        @Override
        public boolean wants(@Nullable String traceparent) {
          return false;
        }

        @Override
        public void attempt(Attempt attempt) {}
      };

  /** Whether the attempt of a request with this {@code traceparent} shall be recorded. */
  boolean wants(@Nullable String traceparent);

  /** An attempt is over. */
  void attempt(Attempt attempt);

  /** A parked connection whose last attempt was wanted is no longer kept. */
  default void evicted(Eviction eviction) {}
}
