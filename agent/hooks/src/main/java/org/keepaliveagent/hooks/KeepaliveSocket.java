package org.keepaliveagent.hooks;

import java.io.FileDescriptor;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.net.Socket;
import java.net.SocketImpl;
import java.net.SocketTimeoutException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * Asks the kernel what the peer did to a blocking socket while nobody read from it.
 *
 * <p>One poll of zero milliseconds, below a microsecond: nothing waits, nothing is read, no
 * time-out of the socket is touched. Only where bytes have arrived on TLS must somebody read: a
 * message of the session's (a late ticket, a key update) looks like any other until it is
 * deciphered. That costs up to a millisecond, once for each such message.
 *
 * <p>The poll is the JDK's own, which only classes of its module may call. The socket's field is
 * read rather than its getter called, because the getter makes a descriptor where there is none.
 */
public final class KeepaliveSocket {
  /** A message of the session's has more bytes; on Java 8 a header must not be read in part. */
  private static final int TLS_HEADER = 5;

  private static final @Nullable MethodHandle IMPL;
  private static final @Nullable MethodHandle DESCRIPTOR;
  private static final @Nullable MethodHandle AVAILABLE;
  private static final @Nullable MethodHandle POLL;

  /** The JDK's TLS socket, and the socket that one of them writes to, itself perhaps. */
  private static final @Nullable Class<?> LAYERED;

  private static final @Nullable MethodHandle SELF;

  static {
    MethodHandle impl = null;
    MethodHandle descriptor = null;
    MethodHandle available = null;
    MethodHandle poll = null;
    MethodHandles.Lookup lookup = MethodHandles.publicLookup();
    try {
      Field implOfSocket = Socket.class.getDeclaredField("impl");
      implOfSocket.setAccessible(true);
      impl = lookup.unreflectGetter(implOfSocket);
      Method getDescriptor = SocketImpl.class.getDeclaredMethod("getFileDescriptor");
      getDescriptor.setAccessible(true);
      descriptor = lookup.unreflect(getDescriptor);
      Method getAvailable = SocketImpl.class.getDeclaredMethod("available");
      getAvailable.setAccessible(true);
      available = lookup.unreflect(getAvailable);
      Class<?> net = Class.forName("sun.nio.ch.Net");
      Field readable = net.getDeclaredField("POLLIN");
      readable.setAccessible(true);
      Method pollOne = net.getDeclaredMethod("poll", FileDescriptor.class, int.class, long.class);
      pollOne.setAccessible(true);
      poll =
          MethodHandles.insertArguments(
              lookup.unreflect(pollOne), 1, (int) readable.getShort(null), 0L);
    } catch (Throwable t) {
      poll = null;
    }
    IMPL = impl;
    DESCRIPTOR = descriptor;
    AVAILABLE = available;
    POLL = poll;

    Class<?> layered = null;
    MethodHandle self = null;
    try {
      Class<?> base = Class.forName("sun.security.ssl.BaseSSLSocketImpl");
      Field selfOfBase = base.getDeclaredField("self");
      selfOfBase.setAccessible(true);
      self =
          lookup
              .unreflectGetter(selfOfBase)
              .asType(MethodType.methodType(Socket.class, Socket.class));
      layered = base;
    } catch (Throwable t) {
      layered = null;
    }
    LAYERED = layered;
    SELF = self;
  }

  private KeepaliveSocket() {}

  /** Whether this JVM lets sockets be looked at. If not, each looks quiet. */
  public static boolean canLook() {
    return POLL != null;
  }

  /**
   * As {@link #isQuiet(Socket, Socket)}, of a connection that the hooks were told of; {@code true}
   * also where only reading would tell and {@link KeepaliveHooks#mayRead} says no.
   */
  public static boolean isQuiet(Object connection, @Nullable Socket raw, @Nullable Socket socket) {
    return looksQuiet(connection, raw, socket);
  }

  /** As {@link #isQuiet(Socket, Socket)}, for a socket of either kind. */
  public static boolean isQuiet(@Nullable Socket socket) {
    return isQuiet(null, socket);
  }

  /**
   * Has the peer left this socket, which waits for a request, as it was? Its FIN, its reset, its
   * close of the TLS session, or bytes that nobody asked for are reasons not to use it. Must not be
   * asked while somebody else reads.
   *
   * @param raw the socket under the TLS; {@code null} where it is not known, or there is none
   * @param socket that the library reads from, with TLS or without; {@code null} is as {@code raw}
   * @return {@code true} also when it cannot be told: no engine, a socket of another make, one that
   *     is closed on this side
   */
  public static boolean isQuiet(@Nullable Socket raw, @Nullable Socket socket) {
    return looksQuiet(null, raw, socket);
  }

  private static boolean looksQuiet(
      @Nullable Object connection, @Nullable Socket raw, @Nullable Socket socket) {
    MethodHandle implOf = IMPL;
    MethodHandle descriptorOf = DESCRIPTOR;
    MethodHandle availableOn = AVAILABLE;
    MethodHandle poll = POLL;
    if (implOf == null || descriptorOf == null || availableOn == null || poll == null) {
      return true;
    }
    Socket reading = socket == null ? raw : socket;
    if (reading == null || KeepaliveHooks.engine() == null) {
      return true;
    }
    try {
      SocketImpl impl = (SocketImpl) implOf.invokeExact(under(raw == null ? reading : raw));
      if (impl == null) {
        return true;
      }
      FileDescriptor descriptor = (FileDescriptor) descriptorOf.invokeExact(impl);
      if (descriptor == null || !descriptor.valid() || (int) poll.invokeExact(descriptor) == 0) {
        return true;
      }
      return reading instanceof SSLSocket
          && (int) availableOn.invokeExact(impl) > TLS_HEADER
          && ((connection != null && !KeepaliveHooks.mayRead(connection))
              || isOfTheSession(reading));
    } catch (Throwable t) {
      return true;
    }
  }

  /** The socket with the descriptor. TLS may lie over TLS, where a proxy is spoken to by it. */
  private static Socket under(Socket socket) throws Throwable {
    Class<?> layered = LAYERED;
    MethodHandle selfOf = SELF;
    Socket found = socket;
    while (layered != null && selfOf != null && layered.isInstance(found)) {
      Socket next = (Socket) selfOf.invokeExact(found);
      if (next == found) {
        break;
      }
      found = next;
    }
    return found;
  }

  /**
   * Was what has arrived a message of the TLS session's alone? Reading it takes it away, so that a
   * socket whose message this was is quiet from now on.
   */
  private static boolean isOfTheSession(Socket socket) {
    try {
      int before = socket.getSoTimeout();
      socket.setSoTimeout(1);
      try {
        socket.getInputStream().read();
        return false;
      } catch (SocketTimeoutException nothingElse) {
        return true;
      } finally {
        socket.setSoTimeout(before);
      }
    } catch (Exception ended) {
      return false;
    }
  }
}
