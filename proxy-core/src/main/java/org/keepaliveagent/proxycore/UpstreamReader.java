package org.keepaliveagent.proxycore;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.proxycore.Upstream.Member;

/**
 * Reads {@code upstream} blocks, and keeps the upstreams by name.
 *
 * <p>Read and checked, but not acted on: {@code keepalive*} (see {@link ConnectionPool}), {@code
 * max_fails}, {@code fail_timeout}, {@code max_conns}, {@code zone} (the event loops share an
 * upstream's state in any case) and {@code resolve} (names are resolved when the configuration is
 * read, and at each reload).
 */
final class UpstreamReader {
  private static final int SMALLEST_ZONE = 32 * 1024;

  private final Map<String, Upstream> upstreams = new HashMap<>();
  private final Map<String, Upstream> implicit = new HashMap<>();

  void add(Directive block) throws ConfigException {
    List<Member> members = new ArrayList<>();
    for (Directive child : block.children()) {
      switch (child.name()) {
        case "server" -> members.addAll(members(child));
        case "keepalive" -> ConfigValues.count(child, 0);
        case "keepalive_requests" -> ConfigValues.count(child, 1);
        case "zone" -> checkZone(child);
        case "least_conn" -> {}
        default -> ConfigValues.time(child);
      }
    }
    String name = block.arg(0);
    if (members.isEmpty()) {
      throw block.error("no servers are inside upstream");
    }
    if (members.stream().allMatch(Member::backup)) {
      throw block.error("no servers in upstream \"" + name + "\"");
    }
    boolean leastConn = block.child("least_conn").isPresent();
    Upstream upstream = new Upstream(name, leastConn, List.copyOf(members));
    if (upstreams.putIfAbsent(name, upstream) != null) {
      throw block.error("duplicate upstream \"" + name + "\"");
    }
  }

  private static void checkZone(Directive zone) throws ConfigException {
    String name = zone.arg(0);
    if (name.isEmpty()) {
      throw zone.error("invalid zone name \"\"");
    }
    if (zone.args().size() == 1) {
      return;
    }
    long size = ConfigValues.parseSize(zone.arg(1));
    if (size < 0) {
      throw zone.error("invalid zone size \"" + zone.arg(1) + "\"");
    }
    if (size < SMALLEST_ZONE) {
      throw zone.error("zone \"" + name + "\" is too small");
    }
  }

  /**
   * The upstream of this name, or the one of this host and port alone.
   *
   * @param defaultPort for a host without one
   */
  Upstream get(Directive pass, String name, int defaultPort) throws ConfigException {
    Upstream known = upstreams.get(name);
    if (known != null) {
      return known;
    }
    int colon = name.lastIndexOf(':');
    if (colon >= 0 && upstreams.containsKey(name.substring(0, colon))) {
      throw pass.error(
          "upstream \"%s\" may not have port %s"
              .formatted(name.substring(0, colon), name.substring(colon + 1)));
    }
    String key = name + " " + defaultPort;
    Upstream single = implicit.get(key);
    if (single == null) {
      List<Member> members = new ArrayList<>();
      for (Peer peer : Addresses.peers(pass, name, defaultPort)) {
        members.add(new Member(peer, 1, false, false));
      }
      single = new Upstream(name, false, List.copyOf(members));
      implicit.put(key, single);
    }
    return single;
  }

  /** The same at run time, of those that the configuration has; null for another one. */
  @Nullable Upstream known(String name, int defaultPort) {
    Upstream group = upstreams.get(name);
    return group == null ? implicit.get(name + " " + defaultPort) : group;
  }

  private static List<Member> members(Directive server) throws ConfigException {
    int weight = 1;
    boolean backup = false;
    boolean down = false;
    for (String parameter : server.args().subList(1, server.args().size())) {
      int equals = parameter.indexOf('=');
      String value = parameter.substring(equals + 1);
      switch (equals < 0 ? parameter : parameter.substring(0, equals + 1)) {
        case "weight=" -> weight = count(server, parameter, value, 1);
        case "max_fails=", "max_conns=" -> count(server, parameter, value, 0);
        case "fail_timeout=" -> {
          if (ConfigValues.parseTime(value) == null) {
            throw invalid(server, parameter);
          }
        }
        case "backup" -> backup = true;
        case "down" -> down = true;
        case "resolve" -> {}
        default -> throw invalid(server, parameter);
      }
    }
    List<Member> members = new ArrayList<>();
    for (Peer peer : Addresses.peers(server, server.arg(0), 80)) {
      members.add(new Member(peer, weight, backup, down));
    }
    return members;
  }

  private static int count(Directive server, String parameter, String value, int min)
      throws ConfigException {
    int count = ConfigValues.parseCount(value);
    if (count < min) {
      throw invalid(server, parameter);
    }
    return count;
  }

  private static ConfigException invalid(Directive server, String parameter) {
    return server.error("invalid parameter \"" + parameter + "\"");
  }
}
