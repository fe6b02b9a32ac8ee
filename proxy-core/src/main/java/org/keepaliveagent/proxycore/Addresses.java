package org.keepaliveagent.proxycore;

import io.netty.util.NetUtil;
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
    if (split.host.equals("*")) {
      return new InetSocketAddress(split.port);
    }
    return new InetSocketAddress(resolve(directive, split.host, where)[0], split.port);
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
    for (InetAddress address : resolve(directive, split.host, where)) {
      peers.add(new Peer(split.host, split.port, new InetSocketAddress(address, split.port)));
    }
    return peers;
  }

  /**
   * A host, an IPv6 address in brackets, and a port.
   *
   * @param where what an error calls the value
   */
  private static HostAndPort split(
      Directive directive, String value, int defaultPort, int minPort, String where)
      throws ConfigException {
    if (value.startsWith("unix:")) {
      throw directive.error("unix domain sockets are not supported, in " + where);
    }
    int bracket = value.startsWith("[") ? value.indexOf(']') : 0;
    int colon = bracket < 0 ? -1 : value.indexOf(':', bracket);
    if (bracket < 0 || (bracket > 0 && colon != bracket + 1 && value.length() > bracket + 1)) {
      throw directive.error("invalid host in " + where);
    }
    String host = colon < 0 ? value : value.substring(0, colon);
    if (bracket > 0 && !NetUtil.isValidIpV6Address(host)) {
      throw directive.error("invalid IPv6 address in " + where);
    }
    int port = colon < 0 ? defaultPort : ConfigValues.parseCount(value.substring(colon + 1));
    if (port < minPort || port > 65535) {
      throw directive.error("invalid port in " + where);
    }
    if (host.isEmpty()) {
      throw directive.error("no host in " + where);
    }
    return new HostAndPort(host, port);
  }

  private static InetAddress[] resolve(Directive directive, String host, String where)
      throws ConfigException {
    try {
      return InetAddress.getAllByName(host);
    } catch (UnknownHostException e) {
      throw directive.error("host not found in " + where);
    }
  }

  private record HostAndPort(String host, int port) {}
}
