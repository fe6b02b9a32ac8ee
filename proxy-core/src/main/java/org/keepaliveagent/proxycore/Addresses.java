package org.keepaliveagent.proxycore;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/** Reads addresses as {@code ngx_parse_url} does, and resolves the names in them. */
final class Addresses {
  private Addresses() {}

  /** An address to listen on: {@code 80}, {@code 127.0.0.1:80}, {@code *:80}, {@code [::1]:80}. */
  static InetSocketAddress listen(Directive directive) throws ConfigException {
    String value = directive.arg(0);
    String where = "\"" + value + "\" of the \"listen\" directive";
    boolean portOnly = value.chars().allMatch(c -> c >= '0' && c <= '9');
    HostAndPort split = split(directive, portOnly ? "*:" + value : value, 80, 0, where);
    if (split.host().equals("*")) {
      return new InetSocketAddress(split.port());
    }
    return new InetSocketAddress(resolve(directive, split.host(), where)[0], split.port());
  }

  /**
   * An upstream's {@code HOST} or {@code HOST:PORT}, one peer for each address that it has now.
   *
   * @param defaultPort for when there is none
   */
  static List<Peer> peers(Directive directive, String value, int defaultPort)
      throws ConfigException {
    String where = "upstream \"" + value + "\"";
    HostAndPort split = split(directive, value, defaultPort, 1, where);
    List<Peer> peers = new ArrayList<>();
    for (InetAddress address : resolve(directive, split.host(), where)) {
      peers.add(new Peer(split.host(), split.port(), new InetSocketAddress(address, split.port())));
    }
    return peers;
  }

  /** A name server's {@code HOST} or {@code HOST:PORT}. */
  static List<InetSocketAddress> nameServers(Directive directive, String value)
      throws ConfigException {
    String where = "resolver \"" + value + "\"";
    HostAndPort split = split(directive, value, 53, 1, where);
    List<InetSocketAddress> servers = new ArrayList<>();
    for (InetAddress address : resolve(directive, split.host(), where)) {
      servers.add(new InetSocketAddress(address, split.port()));
    }
    return servers;
  }

  private static HostAndPort split(
      Directive directive, String value, int defaultPort, int minPort, String where)
      throws ConfigException {
    try {
      return HostAndPort.parse(value, defaultPort, minPort);
    } catch (ConfigException e) {
      throw directive.error(e.getMessage() + " in " + where);
    }
  }

  private static InetAddress[] resolve(Directive directive, String host, String where)
      throws ConfigException {
    try {
      return InetAddress.getAllByName(host);
    } catch (UnknownHostException e) {
      throw directive.error("host not found in " + where);
    }
  }
}
