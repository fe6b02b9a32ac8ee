package org.keepaliveagent.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.policy.FailureKind;
import org.keepaliveagent.policy.HealthCheck;
import org.keepaliveagent.policy.Mode;
import org.keepaliveagent.policy.Policy;
import org.keepaliveagent.policy.PolicyTable;
import org.keepaliveagent.policy.SocketKeepalive;
import org.keepaliveagent.policy.UpstreamPattern;

/** A policy in the other notation, and what that notation cannot say. */
public final class Conversion {
  private static final Set<Directive> NOT_VALUES = EnumSet.of(Directive.NAME, Directive.MATCH);

  private final PolicyTree tree;
  private final PolicyTable table;
  private final StringBuilder text = new StringBuilder();
  private final List<String> dropped = new ArrayList<>();

  private Conversion(PolicyReading reading) {
    PolicyTable good = reading.table();
    if (good == null) {
      throw new IllegalStateException("the policy has errors");
    }
    this.table = good;
    this.tree = reading.tree();
  }

  /** A good policy as YAML. */
  public static Conversion toYaml(PolicyReading reading) {
    Conversion conversion = new Conversion(reading);
    conversion.yaml();
    for (Problem problem : reading.problems()) {
      conversion.dropped.add(problem.toString());
    }
    return conversion;
  }

  /** A good policy in nginx's notation. */
  public static Conversion toNginx(PolicyReading reading) {
    Conversion conversion = new Conversion(reading);
    conversion.nginx();
    return conversion;
  }

  /** The policy in the other notation. */
  public String text() {
    return text.toString();
  }

  /** What is not in {@link #text}, a sentence each. */
  public List<String> dropped() {
    return Collections.unmodifiableList(dropped);
  }

  private void yaml() {
    text.append("defaults:");
    if (!values(table.defaults(), new Block(), "  ", "\n")) {
      text.append(" {}\n");
    }
    text.append("upstreams:");
    text.append(table.entries().isEmpty() ? " []\n" : "\n");
    for (int i = 0; i < table.entries().size(); i++) {
      PolicyTable.Entry entry = table.entries().get(i);
      text.append("  - name: ").append(Shown.quoted(entry.policy().name())).append('\n');
      List<String> patterns = new ArrayList<>();
      for (UpstreamPattern pattern : entry.patterns()) {
        patterns.add(Shown.escaped(pattern.toString()));
      }
      text.append("    match: [").append(String.join(", ", patterns)).append("]\n");
      values(entry.policy(), tree.upstreams().get(i), "    ", "");
    }
  }

  /** The values that differ from the built-in policy, or that the block states. */
  private boolean values(Policy policy, Block block, String indent, String before) {
    Policy builtIn = Policy.builder("").build();
    boolean any = false;
    for (Directive directive : Directive.values()) {
      String shown = directive.shown(policy);
      boolean stated = block.get(directive) != null && isValue(directive, policy);
      if (!NOT_VALUES.contains(directive) && (stated || !shown.equals(directive.shown(builtIn)))) {
        text.append(any ? "" : before);
        text.append(indent).append(directive.word()).append(": ").append(shown).append('\n');
        any = true;
      }
    }
    return any;
  }

  /** Whether the value can be written at all: no limit is what holds while nothing is written. */
  private static boolean isValue(Directive directive, Policy policy) {
    String shown = directive.shown(policy);
    return !shown.startsWith(Shown.UNSTATED)
        && !shown.equals(Shown.NO_LIMIT)
        && !shown.equals("never");
  }

  private void nginx() {
    for (int i = 0; i < table.entries().size(); i++) {
      PolicyTable.Entry entry = table.entries().get(i);
      String name = name(entry, i);
      List<String> servers = servers(entry, name);
      if (servers.isEmpty()) {
        dropped.add(name + ": no pattern of it names one host and port.");
        continue;
      }
      upstream(name, servers, entry);
      location(name, entry);
      reportDropped(name, entry.policy());
    }
    Policy builtIn = Policy.builder("").build();
    for (Directive directive : Directive.values()) {
      if (!directive.shown(table.defaults()).equals(directive.shown(builtIn))
          && !NOT_VALUES.contains(directive)) {
        dropped.add(
            "defaults: "
                + directive.word()
                + " is in every upstream above, and does not hold for others.");
      }
    }
  }

  private String name(PolicyTable.Entry entry, int index) {
    StringBuilder name = new StringBuilder();
    for (char c : entry.policy().name().toLowerCase(Locale.ROOT).toCharArray()) {
      boolean plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || "-_.".indexOf(c) >= 0;
      name.append(plain ? c : '_');
    }
    for (int i = 0; i < index; i++) {
      if (table.entries().get(i).policy().name().equals(entry.policy().name())) {
        return name.append('_').append(index + 1).toString();
      }
    }
    return name.toString();
  }

  private List<String> servers(PolicyTable.Entry entry, String name) {
    List<String> servers = new ArrayList<>();
    for (UpstreamPattern pattern : entry.patterns()) {
      String address = pattern.hostAndPort();
      if (address == null) {
        dropped.add(name + ": match " + pattern + ", which names no single server.");
      } else {
        servers.add(address);
      }
    }
    return servers;
  }

  private void upstream(String name, List<String> servers, PolicyTable.Entry entry) {
    Policy p = entry.policy();
    text.append("upstream ").append(name).append(" {\n");
    for (String server : servers) {
      text.append("    server ").append(server);
      if (p.maxFails() != Policy.UNLIMITED) {
        text.append(" max_fails=").append(p.maxFails());
      }
      if (p.failNanos() != Policy.builder("").build().failNanos()) {
        text.append(" fail_timeout=").append(Shown.time(p.failNanos()));
      }
      if (p.maxConns() != Policy.UNLIMITED) {
        text.append(" max_conns=").append(p.maxConns());
      }
      text.append(";\n");
    }
    line("keepalive", p.maxIdle() == Policy.UNLIMITED ? null : Long.toString(p.maxIdle()), name);
    if (!p.parksNothing()) {
      line("keepalive_requests", count(p.maxRequests()), name);
      line("keepalive_time", time(p.maxAgeNanos()), name);
      line("keepalive_timeout", time(p.idleNanos()), name);
    }
    text.append("}\n");
  }

  private void line(String word, @Nullable String value, String name) {
    if (value == null) {
      dropped.add(name + ": " + word + " has no limit, which nginx cannot say; its default holds.");
    } else {
      text.append("    ").append(word).append(' ').append(value).append(";\n");
    }
  }

  private static @Nullable String count(long count) {
    return count == Policy.UNLIMITED ? null : Long.toString(count);
  }

  private static @Nullable String time(long nanos) {
    return nanos == Policy.UNLIMITED ? null : Shown.time(nanos);
  }

  private void location(String name, PolicyTable.Entry entry) {
    Policy p = entry.policy();
    String scheme = entry.patterns().get(0).toString().startsWith("https://") ? "https" : "http";
    text.append("server {\n    location / {\n");
    setting("proxy_pass", scheme + "://" + name);
    setting("proxy_http_version", p.http10() ? "1.0" : "1.1");
    for (Map.Entry<String, String> header : p.headers().entrySet()) {
      setting("proxy_set_header", header.getKey() + " " + Shown.quoted(header.getValue()));
    }
    if (p.socketKeepalive() != SocketKeepalive.UNSTATED) {
      setting("proxy_socket_keepalive", Shown.onOff(p.socketKeepalive().isOn()));
    }
    timeout("proxy_connect_timeout", p.connectNanos());
    timeout("proxy_send_timeout", p.sendNanos());
    timeout("proxy_read_timeout", p.readNanos());
    setting("proxy_next_upstream", kinds(p));
    if (!p.nextUpstream().isEmpty()) {
      setting("proxy_next_upstream_tries", Long.toString(p.tries()));
      timeout("proxy_next_upstream_timeout", p.retryNanos());
    }
    answer("proxy_ssl_server_name", p.sslServerName());
    answer("proxy_ssl_session_reuse", p.sslSessionReuse());
    HealthCheck check = p.healthCheck();
    if (check.isStated()) {
      setting(
          "health_check",
          "uri="
              + check.uri()
              + " interval="
              + Shown.time(check.intervalNanos())
              + " fails="
              + check.fails()
              + " passes="
              + check.passes());
    }
    text.append("    }\n}\n");
  }

  private void setting(String word, String value) {
    text.append("        ").append(word).append(' ').append(value).append(";\n");
  }

  private void timeout(String word, long nanos) {
    if (nanos != Policy.UNLIMITED) {
      setting(word, Shown.time(nanos));
    }
  }

  private void answer(String word, Policy.Answer answer) {
    if (answer != Policy.Answer.UNSTATED) {
      setting(word, Shown.onOff(answer == Policy.Answer.ON));
    }
  }

  private static String kinds(Policy p) {
    StringBuilder words = new StringBuilder();
    for (FailureKind kind : p.nextUpstream()) {
      words.append(words.length() == 0 ? "" : " ").append(kind.word());
    }
    if (p.nonIdempotent()) {
      words.append(' ').append(Setters.NON_IDEMPOTENT);
    }
    return words.length() == 0 ? "off" : words.toString();
  }

  /** What nginx has no word for, where the policy differs from the agent's built-in one. */
  private void reportDropped(String name, Policy p) {
    Policy builtIn = Policy.builder("").mode(Mode.ENFORCE).build();
    for (Directive directive : Directive.values()) {
      boolean differs = !directive.shown(p).equals(directive.shown(builtIn));
      if (NginxPolicy.word(directive) == null && differs && !NOT_VALUES.contains(directive)) {
        dropped.add(name + ": " + directive.word() + ": " + directive.shown(p) + ".");
      }
    }
    if (!p.headers().containsKey("connection")) {
      dropped.add(name + ": that headers of the hop cross; nginx removes them.");
    }
    if (!p.managesRetries()) {
      dropped.add(name + ": that next_upstream is left to the library; it is off above.");
    }
    if (p.socketKeepalive().idleNanos()
            + p.socketKeepalive().intervalNanos()
            + p.socketKeepalive().count()
        > 0) {
      dropped.add(
          name
              + ": socket_keepalive: "
              + Shown.socketKeepalive(p.socketKeepalive())
              + ", of which nginx knows only on and off.");
    }
  }
}
