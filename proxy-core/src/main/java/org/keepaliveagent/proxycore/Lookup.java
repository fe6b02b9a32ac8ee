package org.keepaliveagent.proxycore;

import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The search for the addresses of a host that the configuration does not have.
 *
 * @param resolver null when there is none to ask (nginx: {@code no resolver defined to resolve})
 */
record Lookup(HostAndPort host, @Nullable Resolver resolver) {

  @SuppressWarnings("FutureReturnValueIgnored") // See package-info.
  void begin(Worker worker, Exchange exchange) {
    if (resolver == null) {
      exchange.unresolved();
    } else {
      worker
          .resolver(resolver)
          .resolveAll(host.host())
          .addListener((Future<List<InetAddress>> found) -> done(found, exchange));
    }
  }

  private void done(Future<List<InetAddress>> found, Exchange exchange) {
    if (found.isSuccess()) {
      exchange.resolved(upstream(host, found.getNow()));
    } else {
      exchange.unresolved();
    }
  }

  /** The addresses of a host, as one upstream. */
  static Upstream upstream(HostAndPort host, List<InetAddress> addresses) {
    List<Upstream.Member> members = new ArrayList<>();
    for (InetAddress address : addresses) {
      InetSocketAddress socket = new InetSocketAddress(address, host.port());
      members.add(new Upstream.Member(new Peer(host.host(), host.port(), socket), 1, false, false));
    }
    return new Upstream(host.host(), false, List.copyOf(members));
  }
}
