package org.keepaliveagent.proxycore;

import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code resolver}: who is asked for the addresses of names at run time.
 *
 * <p>Name servers are asked one after the other, in their order, each for {@code resolver_timeout}
 * at most; nginx divides that time among them. Neither the hosts file nor search domains count.
 *
 * @param valid how long an answer is believed, null for as long as it says itself
 */
record Resolver(
    List<InetSocketAddress> servers,
    @Nullable Duration valid,
    Duration timeout,
    List<SocketProtocolFamily> families) {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);

  /** The one that is in force in a block, null without one. */
  static @Nullable Resolver read(Scope scope) throws ConfigException {
    Duration timeout = scope.timeout("resolver_timeout", DEFAULT_TIMEOUT);
    Directive directive = scope.find("resolver").orElse(null);
    if (directive == null || directive.args().equals(List.of("off"))) {
      return null;
    }
    List<InetSocketAddress> servers = new ArrayList<>();
    List<SocketProtocolFamily> families =
        new ArrayList<>(List.of(SocketProtocolFamily.INET, SocketProtocolFamily.INET6));
    Duration valid = null;
    for (String arg : directive.args()) {
      if (arg.startsWith("valid=")) {
        valid = ConfigValues.parseTime(arg.substring("valid=".length()));
        if (valid == null) {
          throw directive.error("invalid parameter: " + arg);
        }
      } else if (arg.equals("ipv6=off")) {
        families.remove(SocketProtocolFamily.INET6);
      } else if (arg.startsWith("ipv6=") && !arg.equals("ipv6=on")) {
        throw directive.error("invalid parameter: " + arg);
      } else if (!arg.startsWith("ipv6=")) {
        servers.addAll(Addresses.nameServers(directive, arg));
      }
    }
    if (servers.isEmpty()) {
      throw directive.error("no name servers defined");
    }
    return new Resolver(List.copyOf(servers), valid, timeout, List.copyOf(families));
  }

  DnsNameResolver open(EventLoop loop) {
    DnsNameResolverBuilder builder =
        new DnsNameResolverBuilder(loop)
            .datagramChannelType(Transport.datagrams())
            .datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
            .nameServerProvider(new SequentialDnsServerAddressStreamProvider(servers))
            .resolvedAddressTypes(
                DnsNameResolverBuilder.toResolvedAddressTypes(
                    families.toArray(SocketProtocolFamily[]::new)))
            .hostsFileEntriesResolver((name, types) -> null)
            .searchDomains(List.of())
            .queryTimeoutMillis(Math.max(1, timeout.toMillis()));
    if (valid != null) {
      int seconds = (int) Math.min(valid.toSeconds(), Integer.MAX_VALUE);
      builder.ttl(seconds, seconds);
    }
    return builder.build();
  }
}
