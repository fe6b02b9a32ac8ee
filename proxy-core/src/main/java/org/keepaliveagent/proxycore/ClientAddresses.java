package org.keepaliveagent.proxycore;

import io.netty.channel.socket.SocketChannel;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Both ends of a client's connection, and its number in this process, and its TLS, as variables
 * have them.
 */
final class ClientAddresses {
  private static final AtomicLong COUNT = new AtomicLong();

  private final long acceptedMillis = System.currentTimeMillis();
  private final long number = COUNT.incrementAndGet();

  // Taken at once: a closed channel may know them no more.
  private final InetSocketAddress remote;
  private final InetSocketAddress local;

  private @Nullable String remoteAddress;
  private @Nullable ClientTls tls;

  ClientAddresses(SocketChannel client) {
    remote = client.remoteAddress();
    local = client.localAddress();
  }

  /** A handshake is over. */
  void encrypted(SSLSession session) {
    tls = new ClientTls(session, acceptedMillis);
  }

  boolean isTls() {
    return tls != null;
  }

  /** What was agreed upon with the client, null without TLS. */
  @Nullable ClientTls tls() {
    return tls;
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
