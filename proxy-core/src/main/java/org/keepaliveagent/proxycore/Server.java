package org.keepaliveagent.proxycore;

import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is done with the requests to some names at some addresses.
 *
 * @param defaultFor the addresses at which it also serves names that no server has
 * @param tlsAt the addresses where clients have to encrypt
 * @param tls what it shows to them then; null for what the default server of the address shows
 * @param answer what every request gets, null to go on with the locations
 * @param outer the location of everything, with all others inside
 * @param named those that only an {@code error_page} leads to
 * @param headTimeout {@code client_header_timeout}
 */
record Server(
    List<InetSocketAddress> listen,
    Set<InetSocketAddress> defaultFor,
    Set<InetSocketAddress> tlsAt,
    @Nullable SslContext tls,
    List<ServerName> names,
    Action.@Nullable Return answer,
    Location outer,
    Map<String, Location> named,
    Duration headTimeout) {

  List<Location> locations() {
    return outer.inner();
  }

  /** Its first name, empty when it has none. */
  String name() {
    return names.isEmpty() ? "" : names.get(0).text();
  }

  /** The server among those of one address that serves a host: by its name, or the default one. */
  static Server find(List<Server> servers, InetSocketAddress address, String host) {
    Server best = null;
    int fit = 0;
    for (Server server : servers) {
      for (ServerName name : server.names) {
        int next = name.fit(host);
        if (next > fit) {
          fit = next;
          best = server;
        }
      }
    }
    return best == null ? fallback(servers, address) : best;
  }

  /** The server among those of one address for all that no server has a name for. */
  static Server fallback(List<Server> servers, InetSocketAddress address) {
    for (Server server : servers) {
      if (server.defaultFor.contains(address)) {
        return server;
      }
    }
    return servers.get(0);
  }
}
