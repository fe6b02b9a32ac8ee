package org.keepaliveagent.proxycore;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns a checked tree of directives into a {@link ProxyConfig}.
 *
 * <p>Read and checked, but not acted on: {@code daemon} (it stays in the foreground), {@code
 * error_log} (only what stops it is told, see {@link ErrorLog}), {@code worker_connections}, {@code
 * server_name}, {@code proxy_http_version} (upstreams get HTTP/1.1), {@code proxy_set_header}
 * (headers go as they come), and {@code keepalive*} (see {@link ConnectionPool}).
 */
final class ConfigReader {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);
  private static final String HTTP = "http://";

  private final Map<String, Upstream> upstreams = new HashMap<>();
  private final Set<InetSocketAddress> listened = new HashSet<>();

  ProxyConfig read(Directive root) throws ConfigException {
    List<Server> servers = new ArrayList<>();
    for (Directive events : root.children("events")) {
      for (Directive connections : events.children("worker_connections")) {
        ConfigValues.count(connections, 1);
      }
    }
    for (Directive daemon : root.children("daemon")) {
      if (!daemon.arg(0).equals("on") && !daemon.arg(0).equals("off")) {
        throw daemon.error(
            "invalid value \""
                + daemon.arg(0)
                + "\" in \"daemon\" directive, it must be \"on\" or \"off\"");
      }
    }
    for (Directive http : root.children("http")) {
      checkAccepted(http);
      for (Directive upstream : http.children("upstream")) {
        addUpstream(upstream);
      }
      for (Directive server : http.children("server")) {
        servers.add(server(http, server));
      }
    }
    return new ProxyConfig(
        workers(root),
        List.copyOf(servers),
        false,
        root.child("pid").map(pid -> pid.arg(0)).orElse(null));
  }

  private static int workers(Directive root) throws ConfigException {
    Directive directive = root.child("worker_processes").orElse(null);
    if (directive == null) {
      return 1;
    }
    return directive.arg(0).equals("auto")
        ? Runtime.getRuntime().availableProcessors()
        : ConfigValues.count(directive, 1);
  }

  private void addUpstream(Directive block) throws ConfigException {
    List<Peer> peers = new ArrayList<>();
    for (Directive child : block.children()) {
      switch (child.name()) {
        case "server" -> peers.add(ConfigValues.peer(child, child.arg(0)));
        case "keepalive" -> ConfigValues.count(child, 0);
        case "keepalive_requests" -> ConfigValues.count(child, 1);
        default -> ConfigValues.time(child);
      }
    }
    String name = block.arg(0);
    if (peers.isEmpty()) {
      throw block.error("no servers are inside upstream");
    }
    if (upstreams.putIfAbsent(name, new Upstream(name, List.copyOf(peers))) != null) {
      throw block.error("duplicate upstream \"" + name + "\"");
    }
  }

  private Server server(Directive http, Directive block) throws ConfigException {
    checkAccepted(block);
    List<InetSocketAddress> listen = new ArrayList<>();
    for (Directive directive : block.children("listen")) {
      InetSocketAddress address = ConfigValues.listen(directive);
      // Also across servers: server_name is not acted on, so the second could never be reached.
      if (address.getPort() != 0 && !listened.add(address)) {
        throw directive.error("a duplicate listen " + directive.arg(0));
      }
      listen.add(address);
    }
    if (listen.isEmpty()) {
      listen.add(new InetSocketAddress(80));
    }
    List<Location> locations = new ArrayList<>();
    Set<String> prefixes = new HashSet<>();
    for (Directive location : block.children("location")) {
      locations.add(location(http, block, location));
      if (!prefixes.add(location.arg(0))) {
        throw location.error("duplicate location \"" + location.arg(0) + "\"");
      }
    }
    return new Server(List.copyOf(listen), List.copyOf(locations));
  }

  private Location location(Directive http, Directive server, Directive block)
      throws ConfigException {
    checkAccepted(block);
    String prefix = block.arg(0);
    if (!prefix.startsWith("/")) {
      throw block.error("only prefix locations are supported, not \"" + prefix + "\"");
    }
    Directive pass = block.child("proxy_pass").orElse(null);
    if (pass == null) {
      throw block.error("no \"proxy_pass\" in location \"" + prefix + "\"");
    }
    String url = pass.arg(0);
    if (!url.startsWith(HTTP)) {
      throw pass.error("invalid URL prefix");
    }
    int slash = url.indexOf('/', HTTP.length());
    return new Location(
        prefix,
        upstream(
            pass, slash < 0 ? url.substring(HTTP.length()) : url.substring(HTTP.length(), slash)),
        slash < 0 ? null : url.substring(slash),
        timeout("proxy_connect_timeout", block, server, http),
        timeout("proxy_read_timeout", block, server, http));
  }

  private Upstream upstream(Directive pass, String name) throws ConfigException {
    Upstream known = upstreams.get(name);
    if (known == null) {
      known = new Upstream(name, List.of(ConfigValues.peer(pass, name)));
      upstreams.put(name, known);
    }
    return known;
  }

  /** The value in the innermost of these blocks that has one. */
  private static Duration timeout(String name, Directive... blocks) throws ConfigException {
    for (Directive block : blocks) {
      Directive directive = block.child(name).orElse(null);
      if (directive != null) {
        Duration value = ConfigValues.time(directive);
        if (value.isZero()) {
          throw directive.invalidValue(directive.arg(0));
        }
        return value;
      }
    }
    return DEFAULT_TIMEOUT;
  }

  /** Values that are not acted on are checked all the same. */
  private static void checkAccepted(Directive block) throws ConfigException {
    for (Directive version : block.children("proxy_http_version")) {
      if (!version.arg(0).equals("1.0") && !version.arg(0).equals("1.1")) {
        throw version.invalidValue(version.arg(0));
      }
    }
  }
}
