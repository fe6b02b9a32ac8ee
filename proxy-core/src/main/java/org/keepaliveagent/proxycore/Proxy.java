package org.keepaliveagent.proxycore;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.proxycore.ListeningSocket.Service;

/**
 * A running proxy: its listening sockets, its event loops, and the generations of its clients.
 *
 * <p>Reloaded and stopped by one thread at a time, none of them an event loop.
 */
final class Proxy {
  private final MultiThreadIoEventLoopGroup loops;
  private final List<Generation> generations = new CopyOnWriteArrayList<>();
  private final ConnectionCounts counts = new ConnectionCounts();
  private final LogFiles logs = new LogFiles();
  private volatile List<ListeningSocket> listening = List.of();

  private Proxy(int workers) {
    loops =
        new MultiThreadIoEventLoopGroup(
            workers, new DefaultThreadFactory("proxy-core"), Transport.ioHandler());
  }

  /**
   * Starts a proxy; it is ready when this returns.
   *
   * @throws IOException when an address cannot be listened on; nothing is left running then
   */
  static Proxy start(ProxyConfig config) throws IOException {
    Proxy proxy = new Proxy(config.workers());
    try {
      proxy.reload(config);
    } catch (IOException e) {
      proxy.stop(Duration.ZERO);
      throw e;
    }
    return proxy;
  }

  /**
   * Serves new clients by another configuration; the clients that are here get the answer that they
   * wait for, and are sent away. The number of event loops stays.
   *
   * @throws IOException when an address cannot be listened on, or a log cannot be opened;
   *     everything stays as it was then
   */
  synchronized void reload(ProxyConfig config) throws IOException {
    Generation next = new Generation(loops, counts);
    Map<Path, FileChannel> opened = LogFiles.open(config.logFiles());
    List<ListeningSocket> unused = new ArrayList<>(listening);
    List<ListeningSocket> bound = new ArrayList<>();
    Map<ListeningSocket, Service> services = new LinkedHashMap<>();
    try {
      for (InetSocketAddress address : config.addresses()) {
        Service service =
            new Service(
                config.servers(address), address, next, config.bareLf(), config.accounting(), logs);
        ListeningSocket socket = take(unused, address);
        if (socket == null) {
          socket = new ListeningSocket(address, loops, service);
          bound.add(socket);
        }
        services.put(socket, service);
      }
    } catch (IOException e) {
      bound.forEach(ListeningSocket::close);
      LogFiles.close(opened);
      throw e;
    }
    logs.use(opened);
    services.forEach(ListeningSocket::serve);
    unused.forEach(ListeningSocket::close);
    listening = List.copyOf(services.keySet());
    generations.removeIf(Generation::isOver);
    generations.forEach(Generation::retire);
    generations.add(next);
  }

  private static @Nullable ListeningSocket take(
      List<ListeningSocket> from, InetSocketAddress address) {
    for (ListeningSocket socket : from) {
      if (socket.configured().equals(address)) {
        from.remove(socket);
        return socket;
      }
    }
    return null;
  }

  /** Where it listens, with real ports, in the order of the configuration. */
  List<InetSocketAddress> addresses() {
    return listening.stream().map(ListeningSocket::address).toList();
  }

  /** Host and port as in a {@code listen} directive; Java has one wildcard for IPv4 and IPv6. */
  static String text(InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    String host = ip.isAnyLocalAddress() ? "0.0.0.0" : NetUtil.toAddressString(ip);
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  /** Of the current configuration. */
  ChannelGroup clients() {
    return generations.get(generations.size() - 1).clients();
  }

  /** Of the current configuration. */
  Map<EventLoop, Worker> workers() {
    return generations.get(generations.size() - 1).workers();
  }

  /**
   * Stops gracefully: accepts no more, closes idle clients, lets exchanges end, and closes what is
   * left after the limit. Returns when every event loop has terminated. Not for event loops.
   */
  synchronized void stop(Duration limit) {
    if (loops.isShuttingDown()) {
      return;
    }
    listening.forEach(ListeningSocket::close);
    long end = System.nanoTime() + limit.toNanos();
    generations.forEach(Generation::retire);
    for (Generation generation : generations) {
      generation.end(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
    }
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    logs.close();
  }
}
