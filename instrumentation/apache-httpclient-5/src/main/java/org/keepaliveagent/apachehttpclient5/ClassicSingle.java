package org.keepaliveagent.apachehttpclient5;

import net.bytebuddy.asm.Advice;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.keepaliveagent.hooks.KeepaliveHooks;
import org.keepaliveagent.hooks.KeepaliveSocket;

/** The advice on the blocking client's connection manager of one connection. */
public final class ClassicSingle {
  private ClassicSingle() {}

  /** Hands out the connection, if it goes the same way, or a new one. */
  public static final class Lease {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.Argument(0) HttpRoute asked,
        @Advice.FieldValue("route") HttpRoute route,
        @Advice.FieldValue("leased") boolean leased,
        @Advice.FieldValue(value = "conn", readOnly = false) ManagedHttpClientConnection conn) {
      ManagedHttpClientConnection parked = conn;
      if (parked == null || leased || !asked.equals(route) || parked.getProtocolVersion() == null) {
        return;
      }
      if (!parked.isOpen()) {
        conn = null;
        return;
      }
      HttpHost peer = route.getProxyHost();
      if (peer == null || route.isTunnelled()) {
        peer = route.getTargetHost();
      }
      String scheme = peer.getSchemeName();
      int port = peer.getPort() >= 0 ? peer.getPort() : scheme.equals("https") ? 443 : 80;
      KeepaliveHooks.opened(parked, "apache-httpclient-5", scheme, peer.getHostName(), port);
      boolean quiet = KeepaliveSocket.isQuiet(parked, null, parked.getSocket());
      if (!quiet) {
        KeepaliveHooks.closed(parked, true);
      }
      if (!KeepaliveHooks.mayReuse() || !KeepaliveHooks.mayLease(parked)) {
        parked.close(quiet ? CloseMode.GRACEFUL : CloseMode.IMMEDIATE);
        conn = null;
      }
    }
  }

  /** Takes the connection back; without a time to keep it, closes it. */
  public static final class Park {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This Object pool,
        @Advice.Argument(2) TimeValue keepAlive,
        @Advice.FieldValue("leased") boolean leased,
        @Advice.FieldValue("conn") ManagedHttpClientConnection conn) {
      if (leased
          && keepAlive != null
          && conn != null
          && conn.isOpen()
          && conn.isConsistent()
          && !KeepaliveHooks.mayPark(conn, pool)) {
        conn.close(CloseMode.GRACEFUL);
      }
    }
  }
}
