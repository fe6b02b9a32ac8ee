package org.keepaliveagent.nettyepoll;

import io.netty.channel.Channel;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import net.bytebuddy.asm.Advice;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.adapter.Hook;

/**
 * Netty's sockets on Linux's epoll, which knows a socket by the number of its descriptor only.
 *
 * <p>The event loop takes many events at a time. Where one of them makes it close a socket and open
 * another, as a refused lease does, the new one gets the number of the old, and then what had
 * happened to the old: an end of stream makes it fail before it is connected. Nothing can have
 * happened to a socket that is not being connected yet, so that such an event is left out, under
 * every policy. The connecting itself begins after the events at hand.
 */
public final class NettyEpollAdapter implements Adapter {
  private static final String CHANNEL = "io.netty.channel.epoll.AbstractEpollChannel";
  private static final String STREAM = "io.netty.channel.epoll.AbstractEpollStreamChannel";

  @Override
  public String name() {
    return "netty-epoll";
  }

  @Override
  public String versions() {
    return "4.1.128 to 4.2.17";
  }

  @Override
  public List<Hook> hooks() {
    return Arrays.asList(
        Hook.of(STREAM + "$EpollStreamUnsafe", "epollInReady", "()V", Arrival.class),
        Hook.of(CHANNEL + "$AbstractEpollUnsafe", "epollRdHupReady", "()V", Arrival.class));
  }

  @Override
  public List<String> packages() {
    return Collections.singletonList("io.netty.");
  }

  @Override
  public void close(Object connection) {
    throw new IllegalStateException("the transport keeps no connections");
  }

  /** Bytes, or the end of them, are said to have arrived. */
  public static final class Arrival {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static boolean enter(@Advice.This Channel.Unsafe transport) {
      Channel channel = transport.voidPromise().channel();
      return !channel.isActive() && channel.isOpen();
    }
  }
}
