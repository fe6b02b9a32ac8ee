package org.keepaliveagent.policy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * What a thread has seen of the connection that it opens. Libraries ask for the time to connect,
 * and tell of the socket, of the handshake and of the connection, at places that do not know each
 * other; mostly one thread passes them all. Where several do, less is known, and nothing wrong.
 */
final class Opening {
  /** One for each thread, used again and again: some libraries ask for every request. */
  private static final ThreadLocal<Opening> OF_THREAD = new ThreadLocal<>();

  private String host = "";
  private int port;
  private long since;
  private @Nullable String peerAddress;
  private @Nullable Boolean tlsResumed;

  /** Until it is known, what is told is kept here; from then on it is told to it. */
  private @Nullable Connection connection;

  private Opening() {}

  /** The thread is about to connect. */
  static void begins(String host, int port, long now) {
    ofThread().start(host, port, now);
  }

  /** The socket is connected. */
  static void connected(Object socket, String host, int port) {
    Opening opening = of(host, port);
    Connection known = opening.connection;
    if (known == null) {
      opening.peerAddress = address(socket);
    } else {
      known.peerAddress = address(socket);
    }
  }

  /** The TLS handshake is over. */
  static void secured(String host, int port, boolean resumed) {
    Opening opening = of(host, port);
    Connection known = opening.connection;
    if (known == null) {
      opening.tlsResumed = resumed;
    } else {
      known.tlsResumed = resumed;
    }
  }

  /** The connection is known. */
  static void opened(Connection c) {
    String host = c.upstream.host();
    int port = c.upstream.port();
    Opening opening = ofThread();
    if (opening.connection == null && opening.isOf(host, port)) {
      c.connectingAt = opening.since;
      c.peerAddress = opening.peerAddress;
      c.tlsResumed = opening.tlsResumed;
    }
    opening.start(host, port, 0);
    opening.connection = c;
  }

  /** When this thread began to connect there, which has failed; 0 where it did not. */
  static long failed(String host, int port) {
    Opening opening = OF_THREAD.get();
    if (opening == null || opening.connection != null || !opening.isOf(host, port)) {
      return 0;
    }
    long since = opening.since;
    opening.start("", 0, 0);
    return since;
  }

  private static Opening ofThread() {
    Opening opening = OF_THREAD.get();
    if (opening == null) {
      opening = new Opening();
      OF_THREAD.set(opening);
    }
    return opening;
  }

  private static Opening of(String host, int port) {
    Opening opening = ofThread();
    if (!opening.isOf(host, port)) {
      opening.start(host, port, 0);
    }
    return opening;
  }

  private void start(String host, int port, long now) {
    this.host = host;
    this.port = port;
    this.since = now;
    this.peerAddress = null;
    this.tlsResumed = null;
    this.connection = null;
  }

  private boolean isOf(String host, int port) {
    return this.port == port && this.host.equals(host);
  }

  private static @Nullable String address(Object socket) {
    SocketAddress remote = null;
    try {
      if (socket instanceof Socket) {
        remote = ((Socket) socket).getRemoteSocketAddress();
      } else if (socket instanceof SocketChannel) {
        remote = ((SocketChannel) socket).getRemoteAddress();
      }
    } catch (IOException closed) {
      return null;
    }
    return remote instanceof InetSocketAddress && !((InetSocketAddress) remote).isUnresolved()
        ? ((InetSocketAddress) remote).getAddress().getHostAddress()
        : null;
  }
}
