package org.keepaliveagent.proxycore;

import io.netty.channel.socket.SocketChannel;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Both ends of a client's connection, and its number in this process, as variables have them. */
final class ClientAddresses {
  private static final AtomicLong COUNT = new AtomicLong();

  private final long number = COUNT.incrementAndGet();

  // Taken at once: a closed channel may know them no more.
  private final InetSocketAddress remote;
  private final InetSocketAddress local;

  private @Nullable String remoteAddress;

  ClientAddresses(SocketChannel client) {
    remote = client.remoteAddress();
    local = client.localAddress();
  }

  String number() {
    return String.valueOf(number);
  }

  String remoteAddress() {
    String known = remoteAddress;
    if (known == null) {
      known = NetUtil.toAddressString(remote.getAddress());
      remoteAddress = known;
    }
    return known;
  }

  String remotePort() {
    return String.valueOf(remote.getPort());
  }

  String localAddress() {
    return NetUtil.toAddressString(local.getAddress());
  }

  String localPort() {
    return String.valueOf(local.getPort());
  }
}
