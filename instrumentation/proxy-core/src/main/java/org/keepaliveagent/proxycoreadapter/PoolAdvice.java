package org.keepaliveagent.proxycoreadapter;

import io.netty.channel.Channel;
import net.bytebuddy.asm.Advice;
import org.keepaliveagent.hooks.KeepaliveHooks;
import org.keepaliveagent.proxycore.ConnectionPool;
import org.keepaliveagent.proxycore.Exchange;

/** The advice of {@link ProxyCoreAdapter} on the pool of a peer. */
@SuppressWarnings("FutureReturnValueIgnored") // of a close nobody waits for the end
public final class PoolAdvice {
  private PoolAdvice() {}

  /**
   * Whether the peer can have one more request. As in nginx, an upstream's only peer is always
   * chosen, unless it has all that it can bear. That is looked at first: whoever asks whether a
   * peer may be chosen must then use it.
   */
  public static final class Available {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.This ConnectionPool pool,
        @Advice.Argument(0) int requests,
        @Advice.Argument(1) boolean alone,
        @Advice.Return(readOnly = false) boolean available) {
      String scheme = pool.scheme();
      String host = pool.host();
      int port = pool.port();
      available =
          available
              && requests < KeepaliveHooks.maxConnections(scheme, host, port, Integer.MAX_VALUE)
              && (alone || KeepaliveHooks.mayChoose(scheme, host, port, true));
    }
  }

  /** A new connection is established. */
  public static final class Opened {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This ConnectionPool pool, @Advice.Argument(0) Channel connection) {
      KeepaliveHooks.opened(connection, "proxy-core", pool.scheme(), pool.host(), pool.port());
    }
  }

  /** Takes one connection out of the pool; runs again after a refusal. */
  public static final class Lease {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static boolean enter(@Advice.Argument(0) Exchange exchange) {
      return !KeepaliveHooks.mayReuse(exchange);
    }

    @Advice.OnMethodExit(repeatOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static boolean exit(
        @Advice.This ConnectionPool pool,
        @Advice.Argument(0) Exchange exchange,
        @Advice.Return Channel connection) {
      if (connection == null) {
        return false;
      }
      KeepaliveHooks.opened(connection, "proxy-core", pool.scheme(), pool.host(), pool.port());
      if (KeepaliveHooks.mayLease(connection, exchange.method())) {
        return false;
      }
      connection.close();
      return true;
    }
  }

  /** Takes a connection back, or closes it instead. */
  public static final class Park {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static boolean enter(
        @Advice.This ConnectionPool pool, @Advice.Argument(0) Channel connection) {
      if (KeepaliveHooks.mayPark(connection, pool)) {
        return false;
      }
      connection.close();
      return true;
    }
  }

  /** A connection has become inactive. */
  public static final class Closed {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.Argument(0) Channel connection, @Advice.Argument(1) boolean byPeer) {
      KeepaliveHooks.closed(connection, byPeer);
    }
  }
}
