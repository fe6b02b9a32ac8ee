package org.keepaliveagent.apachehttpclient4;

import net.bytebuddy.asm.Advice;
import org.apache.http.HttpHost;
import org.apache.http.conn.routing.RouteInfo;
import org.keepaliveagent.hooks.KeepaliveHooks;

/**
 * How many connections the pool of either client may have on a route; requests wait where that is
 * reached.
 */
public final class MaxConnections {
  private MaxConnections() {}

  @Advice.OnMethodExit(suppress = Throwable.class)
  public static void exit(
      @Advice.Argument(0) Object planned, @Advice.Return(readOnly = false) int max) {
    if (planned instanceof RouteInfo) {
      RouteInfo route = (RouteInfo) planned;
      HttpHost peer = route.getProxyHost();
      if (peer == null || route.isTunnelled()) {
        peer = route.getTargetHost();
      }
      String scheme = peer.getSchemeName();
      int port = peer.getPort() >= 0 ? peer.getPort() : scheme.equals("https") ? 443 : 80;
      max = KeepaliveHooks.maxConnections(scheme, peer.getHostName(), port, max);
    }
  }
}
