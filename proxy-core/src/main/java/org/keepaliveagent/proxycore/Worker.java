package org.keepaliveagent.proxycore;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * One event loop with its upstream connections, like a worker process of nginx. Used on that loop
 * only.
 */
final class Worker {
  private final EventLoop loop;
  private final ChannelGroup clients;
  private final ConnectionCounts counts;
  private final BooleanSupplier stopping;
  private final Map<Peer, ConnectionPool> pools = new HashMap<>();

  /**
   * @param clients where client channels are entered
   * @param counts of all workers
   */
  Worker(EventLoop loop, ChannelGroup clients, ConnectionCounts counts, BooleanSupplier stopping) {
    this.loop = loop;
    this.clients = clients;
    this.counts = counts;
    this.stopping = stopping;
  }

  EventLoop loop() {
    return loop;
  }

  ConnectionCounts counts() {
    return counts;
  }

  /** Whether clients are to be sent away when they have their answer. */
  boolean isStopping() {
    return stopping.getAsBoolean();
  }

  void enter(Channel client) {
    clients.add(client);
  }

  ConnectionPool pool(Peer peer) {
    return pools.computeIfAbsent(peer, ConnectionPool::new);
  }

  Collection<ConnectionPool> pools() {
    return pools.values();
  }

  /** Closes what is parked; nothing more is parked while clients are sent away. */
  void retire() {
    pools.values().forEach(ConnectionPool::closeParked);
  }

  void close() {
    pools.values().forEach(ConnectionPool::close);
  }
}
