package org.keepaliveagent.hooks;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/**
 * The second lock on what must not be executed twice. It knows nothing of the engine but what the
 * hooks were told: the exchanges whose last attempt sent a POST, PATCH or LOCK. A yes of the engine
 * to another attempt of one of them does not leave the hooks, unless a policy in force makes an
 * exception of such requests, or the library would do the same without the agent.
 *
 * <p>A request costs one store of an int and nothing else: an exchange is remembered by its
 * identity hash, in a table of fixed size. Of two that meet in one place the later is remembered.
 */
public final class KeepaliveOnce {
  private static final int PLACES = 1 << 14;
  private static final AtomicIntegerArray sent = new AtomicIntegerArray(PLACES);

  /**
   * Set by the first request that must not be executed twice: until then there is nothing to do.
   */
  private static volatile boolean used;

  private static volatile boolean allExcepted;
  private static volatile boolean keyedExcepted;

  private KeepaliveOnce() {}

  /**
   * Says which requests the policies in force may have executed twice, for any upstream.
   *
   * @param all {@code non_idempotent}
   * @param keyed those with an {@code Idempotency-Key}
   */
  public static void except(boolean all, boolean keyed) {
    allExcepted = all;
    keyedExcepted = keyed;
  }

  static void sending(@Nullable Object exchange, @Nullable String method, boolean keyed) {
    boolean once = isOnce(method, keyed);
    if (!once && !used) {
      return;
    }
    int hash = System.identityHashCode(exchange);
    int place = hash & (PLACES - 1);
    if (once) {
      used = true;
      sent.lazySet(place, hash);
    } else if (sent.get(place) == hash) {
      sent.lazySet(place, 0);
    }
  }

  /** Must this exchange, of which an attempt was sent, not be sent again? */
  static boolean isOnce(Object exchange) {
    if (!used || allExcepted) {
      return false;
    }
    int hash = System.identityHashCode(exchange);
    return sent.get(hash & (PLACES - 1)) == hash;
  }

  /** Must a request of this method, which was sent, not be sent again? */
  static boolean isOnce(@Nullable String method, boolean keyed) {
    return method != null
        && !allExcepted
        && !(keyed && keyedExcepted)
        && (method.equals("POST") || method.equals("PATCH") || method.equals("LOCK"));
  }
}
