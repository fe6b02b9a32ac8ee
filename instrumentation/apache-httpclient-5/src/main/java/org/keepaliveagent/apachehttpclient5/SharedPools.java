package org.keepaliveagent.apachehttpclient5;

import net.bytebuddy.asm.Advice;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.HttpConnection;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolEntry;
import org.keepaliveagent.hooks.KeepaliveHooks;

/** What the pools of both clients do. */
public final class SharedPools {
  private SharedPools() {}

  /**
   * A pool takes an entry back, with no lock held yet; one whose connection was closed meanwhile is
   * not kept. The asynchronous client has asked before, with the session that it alone knows.
   */
  public static final class Release {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This Object pool,
        @Advice.Argument(0) PoolEntry<?, ?> entry,
        @Advice.Argument(value = 1, readOnly = false) boolean reusable) {
      Object connection = reusable && entry != null ? entry.getConnection() : null;
      if (connection instanceof HttpConnection && !((HttpConnection) connection).isOpen()) {
        reusable = false;
      } else if (connection instanceof ManagedHttpClientConnection
          && !KeepaliveHooks.mayPark(connection, pool)) {
        ((HttpConnection) connection).close(CloseMode.GRACEFUL);
        reusable = false;
      }
    }
  }

  /** How many connections a pool may have to a route. */
  public static final class Most {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.Argument(0) Object key, @Advice.Return(readOnly = false) int most) {
      if (key instanceof HttpRoute) {
        HttpRoute route = (HttpRoute) key;
        HttpHost peer = route.getProxyHost();
        if (peer == null || route.isTunnelled()) {
          peer = route.getTargetHost();
        }
        String scheme = peer.getSchemeName();
        int port = peer.getPort() >= 0 ? peer.getPort() : scheme.equals("https") ? 443 : 80;
        most = KeepaliveHooks.maxConnections(scheme, peer.getHostName(), port, most);
      }
    }
  }

  /** As {@link Most}, of a pool that asks once for each route. */
  public static final class MostOfNew {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.Argument(0) Object key, @Advice.Argument(value = 1, readOnly = false) int most) {
      if (key instanceof HttpRoute) {
        HttpRoute route = (HttpRoute) key;
        HttpHost peer = route.getProxyHost();
        if (peer == null || route.isTunnelled()) {
          peer = route.getTargetHost();
        }
        String scheme = peer.getSchemeName();
        int port = peer.getPort() >= 0 ? peer.getPort() : scheme.equals("https") ? 443 : 80;
        most = KeepaliveHooks.maxConnections(scheme, peer.getHostName(), port, most);
      }
    }
  }
}
