package org.keepaliveagent.proxycore;

import io.netty.util.NetUtil;

/**
 * An address as it is written.
 *
 * @param host a name, or an address, IPv6 in brackets
 * @param port as written, or the default one
 */
record HostAndPort(String host, int port, boolean hasPort) {

  /**
   * Reads {@code HOST} or {@code HOST:PORT}.
   *
   * @throws ConfigException with what is wrong, in nginx's words
   */
  static HostAndPort parse(String value, int defaultPort, int minPort) throws ConfigException {
    if (value.startsWith("unix:")) {
      throw new ConfigException("unix domain sockets are not supported,");
    }
    int bracket = value.startsWith("[") ? value.indexOf(']') : 0;
    int colon = bracket < 0 ? -1 : value.indexOf(':', bracket);
    if (bracket < 0 || (bracket > 0 && colon != bracket + 1 && value.length() > bracket + 1)) {
      throw new ConfigException("invalid host");
    }
    String host = colon < 0 ? value : value.substring(0, colon);
    if (bracket > 0 && !NetUtil.isValidIpV6Address(host)) {
      throw new ConfigException("invalid IPv6 address");
    }
    int port = colon < 0 ? defaultPort : ConfigValues.parseCount(value.substring(colon + 1));
    if (port < minPort || port > 65535) {
      throw new ConfigException("invalid port");
    }
    if (host.isEmpty()) {
      throw new ConfigException("no host");
    }
    return new HostAndPort(host, port, colon >= 0);
  }
}
