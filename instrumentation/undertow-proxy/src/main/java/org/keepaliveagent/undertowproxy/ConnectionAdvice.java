package org.keepaliveagent.undertowproxy;

import io.undertow.client.ClientConnection;
import io.undertow.server.handlers.proxy.ProxyConnectionPool;
import java.net.InetSocketAddress;
import java.net.URI;
import net.bytebuddy.asm.Advice;
import org.keepaliveagent.hooks.KeepaliveHooks;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.ssl.SslConnection;

/**
 * The advice of {@link UndertowProxyAdapter} on a connection. A connection that has been upgraded
 * to HTTP/2 can carry many requests at a time, and is left alone.
 */
public final class ConnectionAdvice {
  private ConnectionAdvice() {}

  /**
   * Whether the connection can be used. While a thread searches a pool this is its question to each
   * parked connection in turn; after a refusal it goes on to the next.
   */
  public static final class Lease {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.This ClientConnection connection,
        @Advice.FieldValue("connection") StreamConnection transport,
        @Advice.Return(readOnly = false) boolean open) {
      Object pool = open ? KeepaliveHooks.searched() : null;
      if (!(pool instanceof ProxyConnectionPool) || connection.isMultiplexingSupported()) {
        return;
      }
      URI uri = ((ProxyConnectionPool) pool).getUri();
      int port = uri.getPort() != -1 ? uri.getPort() : "https".equals(uri.getScheme()) ? 443 : 80;
      KeepaliveHooks.opened(connection, "undertow-proxy", uri.getScheme(), uri.getHost(), port);
      if (KeepaliveHooks.mayReuse() && KeepaliveHooks.mayLease(connection)) {
        KeepaliveHooks.leased();
        return;
      }
      // Not the connection, which would wait for the peer's FIN and keep its place until then.
      IoUtils.safeClose(transport);
      open = false;
    }
  }

  /**
   * Request and response are over: the connection is idle, or closed if it was asked to. Each I/O
   * thread has pools of its own, and stands for that of the peer.
   */
  public static final class Park {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This ClientConnection connection,
        @Advice.FieldValue("connection") StreamConnection transport,
        @Advice.FieldValue("requestCount") int requests,
        @Advice.FieldValue(value = "state", readOnly = false) int state) {
      KeepaliveHooks.reading(null);
      if (requests == 1 && transport instanceof SslConnection) {
        InetSocketAddress peer = connection.getPeerAddress(InetSocketAddress.class);
        KeepaliveHooks.secured(
            peer.getHostString(), peer.getPort(), ((SslConnection) transport).getSslSession());
      }
      int closeRequested = 1 << 30;
      int upgradeRequested = 1 << 29;
      if ((state & (closeRequested | upgradeRequested)) == 0
          && !KeepaliveHooks.mayPark(connection, connection.getIoThread())) {
        state |= closeRequested;
      }
    }
  }

  /** Closes the connection, once the peer has too. */
  public static final class Closing {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(@Advice.This Object connection) {
      KeepaliveHooks.closed(connection, connection == KeepaliveHooks.read());
    }
  }

  /** The transport is gone. */
  public static final class Closed {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(@Advice.FieldValue("this$0") Object connection) {
      KeepaliveHooks.closed(connection, connection == KeepaliveHooks.read());
    }
  }

  /** The connection speaks HTTP/2 from here on. */
  public static final class Upgraded {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(@Advice.This Object connection) {
      KeepaliveHooks.closed(connection, false);
    }
  }

  /** Reads a response head, or while idle what the peer does unasked. */
  public static final class Reading {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(@Advice.FieldValue("this$0") Object connection) {
      KeepaliveHooks.reading(connection);
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit() {
      KeepaliveHooks.reading(null);
    }
  }

  /** Parses what has arrived of a response head. */
  public static final class Begun {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter() {
      Object connection = KeepaliveHooks.read();
      if (connection != null) {
        KeepaliveHooks.responseBegun(connection);
      }
    }
  }
}
