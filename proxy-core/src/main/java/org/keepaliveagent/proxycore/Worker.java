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
  /** The peers of an upstream in plain turn. */
  private static final class Turn {
    private int next;
  }

  private final EventLoop loop;
  private final ChannelGroup clients;
  private final BooleanSupplier stopping;
  private final Map<Peer, ConnectionPool> pools = new HashMap<>();
  private final Map<Upstream, Turn> turns = new HashMap<>();

  /**
   * @param clients where client channels are entered
   */
  Worker(EventLoop loop, ChannelGroup clients, BooleanSupplier stopping) {
    this.loop = loop;
    this.clients = clients;
    this.stopping = stopping;
  }

  EventLoop loop() {
    return loop;
  }

  /** Whether clients are to be sent away when they have their answer. */
  boolean isStopping() {
    return stopping.getAsBoolean();
  }

  void enter(Channel client) {
    clients.add(client);
  }

  /** The pool of the peer whose turn it is. */
  ConnectionPool next(Upstream upstream) {
    Turn turn = turns.computeIfAbsent(upstream, u -> new Turn());
    Peer peer = upstream.peers().get(turn.next);
    turn.next = (turn.next + 1) % upstream.peers().size();
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
