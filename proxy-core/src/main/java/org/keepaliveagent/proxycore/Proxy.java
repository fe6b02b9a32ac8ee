package org.keepaliveagent.proxycore;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** A running proxy: its listening sockets, its event loops, its clients. */
final class Proxy {
  private final MultiThreadIoEventLoopGroup group;
  private final ChannelGroup clients;
  private final Map<EventLoop, Worker> workers = new HashMap<>();
  private final List<Channel> listening = new ArrayList<>();
  private final boolean bareLf;
  private volatile boolean stopping;

  private Proxy(ProxyConfig config) {
    bareLf = config.bareLf();
    int loops = config.workers();
    group =
        new MultiThreadIoEventLoopGroup(
            loops, new DefaultThreadFactory("proxy-core"), NioIoHandler.newFactory());
    clients = new DefaultChannelGroup(group.next());
    for (EventExecutor executor : group) {
      EventLoop loop = (EventLoop) executor;
      workers.put(loop, new Worker(loop, clients, () -> stopping));
    }
  }

  /**
   * Starts a proxy; it is ready when this returns.
   *
   * @throws IOException when an address cannot be listened on; nothing is left running then
   */
  static Proxy start(ProxyConfig config) throws IOException {
    Proxy proxy = new Proxy(config);
    try {
      for (Server server : config.servers()) {
        for (InetSocketAddress address : server.listen()) {
          proxy.listening.add(proxy.listen(server, address));
        }
      }
    } catch (IOException e) {
      proxy.stop(Duration.ZERO);
      throw e;
    }
    return proxy;
  }

  private Channel listen(Server server, InetSocketAddress address) throws IOException {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    Worker worker = Objects.requireNonNull(workers.get(channel.eventLoop()));
                    channel
                        .pipeline()
                        .addLast(new RequestGuard(bareLf))
                        .addLast(
                            new HttpServerCodec(
                                new HttpDecoderConfig().setStrictLineParsing(!bareLf)))
                        .addLast(new ClientHandler(channel, server, worker));
                  }
                })
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "bind() to %s failed (%s)".formatted(text(address), bound.cause().getMessage()),
          bound.cause());
    }
    return bound.channel();
  }

  /** Where it listens, with real ports, in the order of the configuration. */
  List<InetSocketAddress> addresses() {
    return listening.stream().map(channel -> (InetSocketAddress) channel.localAddress()).toList();
  }

  /** Host and port as in a {@code listen} directive; Java has one wildcard for IPv4 and IPv6. */
  static String text(InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    String host = ip.isAnyLocalAddress() ? "0.0.0.0" : NetUtil.toAddressString(ip);
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  ChannelGroup clients() {
    return clients;
  }

  Map<EventLoop, Worker> workers() {
    return workers;
  }

  /**
   * Stops gracefully: accepts no more, closes idle clients, lets exchanges end, and closes what is
   * left after the limit. Returns when every event loop has terminated. Not for event loops.
   */
  void stop(Duration limit) {
    stopping = true;
    listening.forEach(channel -> channel.close().awaitUninterruptibly());
    clients.forEach(client -> client.pipeline().fireUserEventTriggered(ClientHandler.STOP));
    clients.newCloseFuture().awaitUninterruptibly(limit.toMillis(), TimeUnit.MILLISECONDS);
    clients.close().awaitUninterruptibly();
    workers.forEach((loop, worker) -> loop.submit(worker::close).awaitUninterruptibly());
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
