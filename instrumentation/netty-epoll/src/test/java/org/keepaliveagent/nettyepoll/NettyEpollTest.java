package org.keepaliveagent.nettyepoll;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.keepaliveagent.conformance.AgentUnderTest;
import org.keepaliveagent.policy.Policy;

/** Connections that are opened while the ends of others wait to be heard of. */
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class NettyEpollTest {
  private static final int CONNECTIONS = 20;

  @BeforeEach
  void onlyWhereEpollIs() {
    assumeTrue(Epoll.isAvailable(), () -> "not run: no epoll here: " + Epoll.unavailabilityCause());
  }

  @Test
  void aNewConnectionDoesNotGetTheEndOfOneThatHadItsDescriptor() throws Exception {
    assertTrue(connectsThatFail() > 0, "without the adapter some do");
    try (AgentUnderTest agent = AgentUnderTest.with(Policy.builder("test").build())) {
      assertEquals(0, connectsThatFail());
      assertEquals(List.of(), agent.faults());
    }
  }

  /**
   * While the event loop is busy, the upstream sends a byte on one connection and ends the others.
   * The byte is heard of first, and makes the client close the others and open as many new ones.
   */
  private static int connectsThatFail() throws Exception {
    MultiThreadIoEventLoopGroup group =
        new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    try (ServerSocket upstream =
        new ServerSocket(0, 2 * CONNECTIONS, InetAddress.getLoopbackAddress())) {
      Replacing replacing = new Replacing(group, upstream);
      List<Socket> accepted = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        replacing.old.add(replacing.connect().sync().channel());
        accepted.add(upstream.accept());
      }
      CountDownLatch ended = new CountDownLatch(1);
      CountDownLatch busy = new CountDownLatch(1);
      group.execute(
          () -> {
            busy.countDown();
            try {
              ended.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      busy.await();
      accepted.get(0).getOutputStream().write('!');
      for (Socket socket : accepted.subList(1, CONNECTIONS)) {
        socket.close();
      }
      ended.countDown();
      replacing.begun.await();
      int failed = 0;
      for (ChannelFuture connecting : replacing.connecting) {
        failed += connecting.await().isSuccess() ? 0 : 1;
      }
      accepted.get(0).close();
      return failed;
    } finally {
      group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
  }

  /** The pool of a client that finds its connections dead, all at once. */
  private static final class Replacing {
    private final MultiThreadIoEventLoopGroup group;
    private final ServerSocket upstream;
    private final List<Channel> old = new ArrayList<>();
    private final List<ChannelFuture> connecting = new ArrayList<>();
    private final CountDownLatch begun = new CountDownLatch(1);

    Replacing(MultiThreadIoEventLoopGroup group, ServerSocket upstream) {
      this.group = group;
      this.upstream = upstream;
    }

    ChannelFuture connect() {
      return new Bootstrap()
          .group(group)
          .channel(EpollSocketChannel.class)
          .handler(
              new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext context, Object message) {
                  ReferenceCountUtil.release(message);
                  replace();
                }

                @Override
                public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                  // Whether it could be connected, its future tells.
                }
              })
          .connect(upstream.getLocalSocketAddress());
    }

    private void replace() {
      old.forEach(channel -> channel.unsafe().close(channel.voidPromise()));
      for (int i = 0; i < CONNECTIONS; i++) {
        connecting.add(connect());
      }
      begun.countDown();
    }
  }
}
