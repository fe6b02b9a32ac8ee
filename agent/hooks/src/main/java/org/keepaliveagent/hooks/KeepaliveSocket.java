package org.keepaliveagent.hooks;

import java.io.FileDescriptor;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.net.Socket;
import java.net.SocketImpl;
import org.jspecify.annotations.Nullable;

/**
 * Asks the kernel what the peer did to a blocking socket while nobody read from it.
 *
 * <p>One poll of zero milliseconds, below a microsecond: nothing waits, nothing is read, no
 * time-out of the socket is touched. It goes through the JDK's own poll, which only classes of its
 * module may call. The socket's field is read rather than its getter called, because the getter
 * makes a descriptor where there is none.
 */
public final class KeepaliveSocket {
  private static final @Nullable MethodHandle IMPL;
  private static final @Nullable MethodHandle DESCRIPTOR;
  private static final @Nullable MethodHandle POLL;

  static {
    MethodHandle impl = null;
    MethodHandle descriptor = null;
    MethodHandle poll = null;
    try {
      MethodHandles.Lookup lookup = MethodHandles.publicLookup();
      Field implOfSocket = Socket.class.getDeclaredField("impl");
      implOfSocket.setAccessible(true);
      impl = lookup.unreflectGetter(implOfSocket);
      Method getDescriptor = SocketImpl.class.getDeclaredMethod("getFileDescriptor");
      getDescriptor.setAccessible(true);
      descriptor = lookup.unreflect(getDescriptor);
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
    POLL = poll;
  }

  private KeepaliveSocket() {}

  /** Whether this JVM lets sockets be looked at. If not, each looks quiet. */
  public static boolean canLook() {
    return POLL != null;
  }

  /**
   * Has nothing arrived on this socket? On one that waits for a request anything is a reason not to
   * use it: the peer's FIN, its reset, or bytes that nobody asked for. On TLS it may also be a late
   * message of the session's, and the connection is given up for nothing.
   *
   * @return {@code true} also when it cannot be told: no engine, a socket of another make, one that
   *     is layered over another, one that is closed on this side
   */
  public static boolean isQuiet(@Nullable Socket socket) {
    MethodHandle implOf = IMPL;
    MethodHandle descriptorOf = DESCRIPTOR;
    MethodHandle poll = POLL;
    if (implOf == null || descriptorOf == null || poll == null) {
      return true;
    }
    if (socket == null || KeepaliveHooks.engine() == null) {
      return true;
    }
    try {
      SocketImpl impl = (SocketImpl) implOf.invokeExact(socket);
      if (impl == null) {
        return true;
      }
      FileDescriptor descriptor = (FileDescriptor) descriptorOf.invokeExact(impl);
      return descriptor == null || !descriptor.valid() || (int) poll.invokeExact(descriptor) == 0;
    } catch (Throwable t) {
      return true;
    }
  }
}
