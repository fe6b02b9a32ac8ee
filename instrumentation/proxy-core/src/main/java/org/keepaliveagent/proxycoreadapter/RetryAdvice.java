package org.keepaliveagent.proxycoreadapter;

import net.bytebuddy.asm.Advice;
import org.keepaliveagent.hooks.KeepaliveHooks;
import org.keepaliveagent.proxycore.ConnectionPool;
import org.keepaliveagent.proxycore.Exchange;

/** The advice of {@link ProxyCoreAdapter} on attempts that fail. */
public final class RetryAdvice {
  private RetryAdvice() {}

  /**
   * An attempt has failed, on a connection or for want of one: the error page, or the same request
   * once more.
   */
  public static final class Failed {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static boolean enter(
        @Advice.This Exchange exchange, @Advice.Argument(0) Throwable cause) {
      ConnectionPool pool = exchange.pool();
      boolean again;
      if (exchange.connection() == null && pool != null) {
        KeepaliveHooks.unreachable(pool.scheme(), pool.host(), pool.port());
        String traceparent = exchange.header("traceparent");
        again =
            KeepaliveHooks.mayRetryUnreached(
                exchange,
                "proxy-core",
                pool.scheme(),
                pool.host(),
                pool.port(),
                exchange.method(),
                traceparent == null ? exchange.header("b3") : traceparent,
                cause,
                exchange.ageNanos(),
                exchange.replayable());
      } else {
        KeepaliveHooks.failed(exchange, cause);
        again = KeepaliveHooks.mayRetry(exchange, exchange.replayable(), false);
      }
      if (again) {
        exchange.start();
      }
      return again;
    }
  }

  /** Goes on to the next peer; but of a stale connection its peer is innocent. */
  public static final class Choosing {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static boolean enter(@Advice.This Exchange exchange) {
      return exchange.pool() != null && KeepaliveHooks.mayReturn(exchange, true);
    }
  }
}
