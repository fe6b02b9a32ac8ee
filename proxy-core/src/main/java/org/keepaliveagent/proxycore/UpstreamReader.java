package org.keepaliveagent.proxycore;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.keepaliveagent.proxycore.Upstream.Member;

/**
 * Reads {@code upstream} blocks, and keeps the upstreams by name.
 *
 * <p>Read and checked, but not acted on: {@code keepalive*} (see {@link ConnectionPool}), {@code
 * max_fails}, {@code fail_timeout} and {@code max_conns}.
 */
final class UpstreamReader {
  private final Map<String, Upstream> upstreams = new HashMap<>();

  void add(Directive block) throws ConfigException {
    List<Member> members = new ArrayList<>();
    for (Directive child : block.children()) {
      switch (child.name()) {
        case "server" -> members.add(member(child));
        case "keepalive" -> ConfigValues.count(child, 0);
        case "keepalive_requests" -> ConfigValues.count(child, 1);
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
    if (upstreams.putIfAbsent(name, new Upstream(name, List.copyOf(members))) != null) {
      throw block.error("duplicate upstream \"" + name + "\"");
    }
  }

  /** The upstream of this name, or the one of this host and port alone. */
  Upstream get(Directive pass, String name) throws ConfigException {
    Upstream known = upstreams.get(name);
    if (known == null) {
      Peer peer = ConfigValues.peer(pass, name);
      known = new Upstream(name, List.of(new Member(peer, 1, false, false)));
      upstreams.put(name, known);
    }
    return known;
  }

  private static Member member(Directive server) throws ConfigException {
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
        default -> throw invalid(server, parameter);
      }
    }
    return new Member(ConfigValues.peer(server, server.arg(0)), weight, backup, down);
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
