package org.keepaliveagent.proxycore;

import io.netty.channel.socket.SocketChannel;
import io.netty.util.NetUtil;
import java.util.concurrent.atomic.AtomicLong;

/** Both ends of a client's connection, and its number in this process, as variables have them. */
final class ClientAddresses {
  private static final AtomicLong COUNT = new AtomicLong();

  private final SocketChannel client;
  private final long number = COUNT.incrementAndGet();

  ClientAddresses(SocketChannel client) {
    this.client = client;
  }

  String number() {
    return String.valueOf(number);
  }

  String remoteAddress() {
    return NetUtil.toAddressString(client.remoteAddress().getAddress());
  }

  String remotePort() {
    return String.valueOf(client.remoteAddress().getPort());
  }

  String localAddress() {
    return NetUtil.toAddressString(client.localAddress().getAddress());
  }

  String localPort() {
    return String.valueOf(client.localAddress().getPort());
  }
}
