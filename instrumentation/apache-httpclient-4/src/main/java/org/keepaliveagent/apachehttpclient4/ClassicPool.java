package org.keepaliveagent.apachehttpclient4;

import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import net.bytebuddy.asm.Advice;
import org.apache.http.HttpClientConnection;
import org.apache.http.HttpHost;
import org.apache.http.conn.ManagedHttpClientConnection;
import org.apache.http.conn.routing.RouteInfo;
import org.apache.http.pool.PoolEntry;
import org.apache.http.protocol.HttpContext;
import org.keepaliveagent.hooks.KeepaliveHooks;
import org.keepaliveagent.hooks.KeepaliveSocket;

/** What the blocking client's pool does with its connections. */
public final class ClassicPool {
  private ClassicPool() {}

  /**
   * An entry has been leased, out of the future of one or for a route; one that is open was parked.
   * Nobody has read from its socket since, so that only now its peer's FIN is seen.
   */
  public static final class Lease {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.Argument(0) Object of, @Advice.Return HttpClientConnection leased)
        throws IOException, InterruptedException, ExecutionException {
      Socket socket =
          leased instanceof ManagedHttpClientConnection && leased.isOpen()
              ? ((ManagedHttpClientConnection) leased).getSocket()
              : null;
      if (socket == null) {
        return;
      }
      Object raw =
          leased instanceof HttpContext
              ? ((HttpContext) leased).getAttribute("keepalive.socket")
              : null;
      if (socket.isClosed()) {
        // By the sweep, perhaps so long ago that nothing is known of it.
        leased.close();
        return;
      }
      // It may have been parked before the agent came.
      Object planned = of instanceof Future ? ((Future<?>) of).get() : of;
      if (planned instanceof PoolEntry) {
        planned = ((PoolEntry<?, ?>) planned).getRoute();
      }
      if (planned instanceof RouteInfo) {
        RouteInfo route = (RouteInfo) planned;
        HttpHost peer = route.getProxyHost();
        if (peer == null || route.isTunnelled()) {
          peer = route.getTargetHost();
        }
        String scheme = peer.getSchemeName();
        int port = peer.getPort() >= 0 ? peer.getPort() : scheme.equals("https") ? 443 : 80;
        KeepaliveHooks.opened(socket, "apache-httpclient-4", scheme, peer.getHostName(), port);
      }
      Socket below = raw instanceof Socket ? (Socket) raw : null;
      if (!KeepaliveSocket.isQuiet(socket, below, socket)) {
        KeepaliveHooks.closed(socket, true);
      }
      if (!KeepaliveHooks.mayReuse() || !KeepaliveHooks.mayLease(socket)) {
        leased.close();
      }
    }
  }

  /** Takes a connection back; one that is closed is not kept. */
  public static final class Park {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This Object pool, @Advice.Argument(0) HttpClientConnection leased)
        throws IOException {
      if (leased instanceof ManagedHttpClientConnection && leased.isOpen()) {
        Socket socket = ((ManagedHttpClientConnection) leased).getSocket();
        if (socket != null && !KeepaliveHooks.mayPark(socket, pool)) {
          leased.close();
        }
      }
    }
  }

  /** Whether the pool drops an entry: also one whose socket the sweep has closed. */
  public static final class IsClosed {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.This PoolEntry<?, ?> entry, @Advice.Return(readOnly = false) boolean closed) {
      if (!closed && entry.getConnection() instanceof ManagedHttpClientConnection) {
        Socket socket = ((ManagedHttpClientConnection) entry.getConnection()).getSocket();
        if (socket != null && socket.isClosed()) {
          KeepaliveHooks.closed(socket, false);
          closed = !KeepaliveHooks.mayLease(socket);
        }
      }
    }
  }
}
