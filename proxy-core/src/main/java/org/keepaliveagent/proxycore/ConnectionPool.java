package org.keepaliveagent.proxycore;

import io.netty.channel.Channel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one event loop to one address of an upstream, alike in {@link Key}, last
 * parked first leased.
 *
 * <p>It is naive on purpose, like much JVM proxy code:
 *
 * <ul>
 *   <li>it has no limit on the number, age, idle time or requests of its connections;
 *   <li>it parks a connection as soon as a response was complete and framed and the whole request
 *       was written, whatever {@code Connection: close}, {@code Keep-Alive} or an HTTP/1.0 status
 *       line said;
 *   <li>it learns that a parked connection has ended only from the channel's close event, and asks
 *       {@link Channel#isActive()} when it leases; a connection that the upstream is closing right
 *       now is leased, and the request on it is lost;
 *   <li>around it, headers go both ways as they come, hop-by-hop ones included, and nothing is
 *       tried again.
 * </ul>
 *
 * <p>There is one pool per address <em>and event loop</em>, as in nginx's workers: an exchange and
 * its connection then share a thread. All methods are called on that event loop, except the
 * getters.
 */
@SuppressWarnings("FutureReturnValueIgnored") // See package-info.
public final class ConnectionPool {
  /**
   * What its connections have in common.
   *
   * @param tls null for plain ones
   * @param tlsName of the server that TLS has to lead to, empty for plain ones
   */
  record Key(Peer peer, @Nullable UpstreamTls tls, String tlsName) {}

  private final Key key;
  private final ArrayDeque<Channel> parked = new ArrayDeque<>();
  private final Set<Channel> open = new HashSet<>();

  private int opening;

  ConnectionPool(Key key) {
    this.key = key;
  }

  /** {@code http}, or {@code https} with TLS. */
  public String scheme() {
    return key.tls() == null ? "http" : "https";
  }

  /** The upstream's host as it is written in the configuration. */
  public String host() {
    return key.peer().host();
  }

  /** The upstream's port. */
  public int port() {
    return key.peer().port();
  }

  Key key() {
    return key;
  }

  /** A connection is on its way, until {@link #doneOpening}. */
  void beginOpening() {
    opening++;
  }

  /** It is there, or will never be. */
  void doneOpening() {
    opening--;
  }

  /** Whether nobody would miss it. */
  boolean isUnused() {
    return opening == 0 && open.isEmpty();
  }

  /**
   * Whether the peer can have one more request, asked whenever it is its turn. Naive: it always
   * can, whatever became of those before.
   *
   * @param requests those that it has in progress, of all event loops
   * @param alone whether there is no other peer to ask
   */
  public boolean isAvailable(int requests, boolean alone) {
    return true;
  }

  /** A new connection is established; called once per connection, before it is used. */
  public void opened(Channel connection) {
    open.add(connection);
  }

  /**
   * Hands out a parked connection, the only place that does.
   *
   * @return null when there is none, and a new one is to be opened
   */
  public @Nullable Channel lease(Exchange exchange) {
    Channel connection = poll(exchange);
    while (connection != null && !connection.isActive()) {
      connection = poll(exchange);
    }
    return connection;
  }

  /**
   * Takes out the connection that was parked last, unchecked.
   *
   * @param exchange what it is for; any connection will do
   * @return null when none is parked
   */
  public @Nullable Channel poll(Exchange exchange) {
    return parked.pollLast();
  }

  /** Takes a connection back, the only place that does; its last response is complete. */
  public void park(Channel connection) {
    parked.addLast(connection);
  }

  /**
   * A connection has become inactive; called exactly once per connection that was opened.
   *
   * @param byPeer whether it was not closed from here
   */
  public void closed(Channel connection, boolean byPeer) {
    open.remove(connection);
    parked.removeLastOccurrence(connection);
  }

  int parkedCount() {
    return parked.size();
  }

  int openCount() {
    return open.size();
  }

  void closeParked() {
    new ArrayList<>(parked).forEach(Channel::close);
  }

  /** Closes every connection, parked and leased. */
  void close() {
    List<Channel> all = new ArrayList<>(open);
    all.forEach(Channel::close);
  }
}
