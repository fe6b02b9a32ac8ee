package org.keepaliveagent.policy;

import java.io.IOException;
import java.lang.reflect.Method;
import java.net.Socket;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.NetworkChannel;
import org.jspecify.annotations.Nullable;

/**
 * Sets the kernel's keepalive probes on a socket. How often it probes can be told from Java 11 on,
 * and on Java 8 in its later releases; where it cannot, the operating system's own pace holds.
 */
final class SocketOptions {
  private static final long SECOND = 1_000_000_000L;

  private SocketOptions() {}

  /**
   * @param socket a {@code Socket}, a {@code NetworkChannel} or a channel of Netty's for Linux;
   *     anything else is left alone
   */
  static void set(Object socket, SocketKeepalive keepalive) {
    if (keepalive == SocketKeepalive.UNSTATED) {
      return;
    }
    if (!(socket instanceof NetworkChannel) && !(socket instanceof Socket)) {
      setNamed(socket, keepalive);
      return;
    }
    set(socket, StandardSocketOptions.SO_KEEPALIVE, keepalive.isOn());
    if (keepalive.isOn()) {
      set(socket, "TCP_KEEPIDLE", seconds(keepalive.idleNanos()));
      set(socket, "TCP_KEEPINTERVAL", seconds(keepalive.intervalNanos()));
      set(socket, "TCP_KEEPCOUNT", (int) keepalive.count());
    }
  }

  /** A channel whose file descriptor is no business of the JDK's; its setters are known by name. */
  private static void setNamed(Object channel, SocketKeepalive keepalive) {
    try {
      Object config = channel.getClass().getMethod("config").invoke(channel);
      config.getClass().getMethod("setKeepAlive", boolean.class).invoke(config, keepalive.isOn());
      if (keepalive.isOn()) {
        setNamed(config, "setTcpKeepIdle", seconds(keepalive.idleNanos()));
        setNamed(config, "setTcpKeepIntvl", seconds(keepalive.intervalNanos()));
        setNamed(config, "setTcpKeepCnt", (int) keepalive.count());
      }
    } catch (ReflectiveOperationException e) {
      // A channel of another make: it goes on without.
    }
  }

  private static void setNamed(Object config, String setter, int value)
      throws ReflectiveOperationException {
    if (value != 0) {
      config.getClass().getMethod(setter, int.class).invoke(config, value);
    }
  }

  /** At least one second, which is the least that the kernel takes; 0 for unstated. */
  private static int seconds(long nanos) {
    return (int) ((nanos + SECOND - 1) / SECOND);
  }

  private static void set(Object socket, String name, int value) {
    SocketOption<Integer> option = value == 0 ? null : extended(name);
    if (option != null) {
      set(socket, option, value);
    }
  }

  private static <T> void set(Object socket, SocketOption<T> option, T value) {
    try {
      if (socket instanceof NetworkChannel) {
        ((NetworkChannel) socket).setOption(option, value);
      } else if (socket instanceof Socket && option.equals(StandardSocketOptions.SO_KEEPALIVE)) {
        ((Socket) socket).setKeepAlive(Boolean.TRUE.equals(value));
      } else if (socket instanceof Socket) {
        // Java 9 and later, which the agent is not compiled for.
        Method setOption = Socket.class.getMethod("setOption", SocketOption.class, Object.class);
        setOption.invoke(socket, option, value);
      }
    } catch (IOException | ReflectiveOperationException | UnsupportedOperationException e) {
      // A socket of another make, or one that is closed already: it goes on without.
    }
  }

  @SuppressWarnings("unchecked")
  private static @Nullable SocketOption<Integer> extended(String name) {
    try {
      Class<?> options = Class.forName("jdk.net.ExtendedSocketOptions");
      return (SocketOption<Integer>) options.getField(name).get(null);
    } catch (ReflectiveOperationException e) {
      return null;
    }
  }
}
