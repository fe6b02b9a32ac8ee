package org.keepaliveagent.proxycore;

import java.net.InetSocketAddress;

/**
 * One address of an upstream; a name has as many as it is resolved to.
 *
 * @param host as written in the configuration
 * @param address resolved when the configuration was read
 */
record Peer(String host, int port, InetSocketAddress address) {}
