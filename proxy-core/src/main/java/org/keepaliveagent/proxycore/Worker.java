package org.keepaliveagent.proxycore;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.resolver.dns.DnsNameResolver;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * One event loop with its upstream connections, like a worker process of nginx. Used on that loop
 * only.
 */
final class Worker {
  private static final int MANY_POOLS = 1000;

  private final EventLoop loop;
  private final ChannelGroup clients;
  private final ConnectionCounts counts;
  private final BooleanSupplier stopping;
  private final Map<ConnectionPool.Key, ConnectionPool> pools = new HashMap<>();
  private final Map<Resolver, DnsNameResolver> resolvers = new HashMap<>();
  private int tooMany = MANY_POOLS;

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

  /** Those that are not in use are forgotten: names and addresses from requests have no end. */
  ConnectionPool pool(ConnectionPool.Key key) {
    ConnectionPool known = pools.get(key);
    if (known != null) {
      return known;
    }
    if (pools.size() >= tooMany) {
      pools.values().removeIf(ConnectionPool::isUnused);
      tooMany = Math.max(MANY_POOLS, 2 * pools.size());
    }
    ConnectionPool created = new ConnectionPool(key);
    pools.put(key, created);
    return created;
  }

  DnsNameResolver resolver(Resolver settings) {
    return resolvers.computeIfAbsent(settings, created -> created.open(loop));
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
    resolvers.values().forEach(DnsNameResolver::close);
  }
}
