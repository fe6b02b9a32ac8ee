package org.keepaliveagent.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.policy.Policy;

/**
 * A policy in nginx's notation: each {@code server} of an {@code upstream} block is one host:port
 * under that upstream's policy, and the {@code proxy_} directives are those of the location whose
 * {@code proxy_pass} names it. What is nginx's own business is listed once and skipped.
 */
final class NginxPolicy {
  private static final Map<String, Directive> OF_UPSTREAM = new LinkedHashMap<>();
  private static final Map<String, Directive> OF_LOCATION = new LinkedHashMap<>();
  private static final Map<String, Directive> OF_SERVER = new LinkedHashMap<>();
  private static final List<String> SCOPES =
      Collections.unmodifiableList(
          Arrays.asList("http", "server", "location", "if", "limit_except"));

  static {
    OF_UPSTREAM.put("keepalive", Directive.KEEPALIVE);
    OF_UPSTREAM.put("keepalive_requests", Directive.KEEPALIVE_REQUESTS);
    OF_UPSTREAM.put("keepalive_time", Directive.KEEPALIVE_TIME);
    OF_UPSTREAM.put("keepalive_timeout", Directive.KEEPALIVE_TIMEOUT);
    for (Directive directive :
        new Directive[] {
          Directive.HTTP_VERSION,
          Directive.SOCKET_KEEPALIVE,
          Directive.CONNECT_TIMEOUT,
          Directive.SEND_TIMEOUT,
          Directive.READ_TIMEOUT,
          Directive.NEXT_UPSTREAM,
          Directive.NEXT_UPSTREAM_TRIES,
          Directive.NEXT_UPSTREAM_TIMEOUT,
          Directive.SSL_SERVER_NAME,
          Directive.SSL_SESSION_REUSE
        }) {
      OF_LOCATION.put("proxy_" + directive.word(), directive);
    }
    OF_LOCATION.put("health_check", Directive.HEALTH_CHECK);
    OF_SERVER.put("max_conns", Directive.MAX_CONNS);
    OF_SERVER.put("max_fails", Directive.MAX_FAILS);
    OF_SERVER.put("fail_timeout", Directive.FAIL_TIMEOUT);
  }

  /** A {@code proxy_pass} and what holds where it stands. */
  private static final class Pass {
    final NginxDirective directive;
    final NginxScope scope;

    /** Read once, when they are asked for. */
    @Nullable Map<Directive, Value> settings;

    Pass(NginxDirective directive, NginxScope scope) {
      this.directive = directive;
      this.scope = scope;
    }
  }

  private final Compat compat;
  private final Map<String, NginxDirective> upstreams = new LinkedHashMap<>();
  private final List<Pass> passes = new ArrayList<>();
  private final Map<String, Pass> firstPass = new LinkedHashMap<>();
  private final Map<String, NginxDirective> implicit = new LinkedHashMap<>();
  private final Map<String, String> settingsOfServer = new LinkedHashMap<>();

  /** What is skipped, and where first. */
  private final Map<String, NginxDirective> skipped = new TreeMap<>();

  private final PolicyTree tree = new PolicyTree();

  private NginxPolicy(Compat compat) {
    this.compat = compat;
  }

  /** Reads a configuration; reports what contradicts itself and what is skipped. */
  static PolicyTree read(List<NginxDirective> main, Compat compat) {
    NginxPolicy policy = new NginxPolicy(compat);
    policy.collect(main, new NginxScope(null));
    for (Pass pass : policy.passes) {
      policy.target(pass);
    }
    for (NginxDirective upstream : policy.upstreams.values()) {
      policy.addUpstream(upstream);
    }
    for (Map.Entry<String, NginxDirective> pass : policy.implicit.entrySet()) {
      policy.addImplicit(pass.getKey(), pass.getValue());
    }
    policy.saySkipped();
    return policy.tree;
  }

  /** The word of a directive in nginx's notation; null where nginx has none. */
  static @Nullable String word(Directive directive) {
    for (Map<String, Directive> words : Arrays.asList(OF_UPSTREAM, OF_LOCATION, OF_SERVER)) {
      for (Map.Entry<String, Directive> word : words.entrySet()) {
        if (word.getValue() == directive) {
          return word.getKey();
        }
      }
    }
    return directive == Directive.SET_HEADER ? "proxy_set_header" : null;
  }

  static boolean isOfUpstream(Directive directive) {
    return OF_UPSTREAM.containsValue(directive);
  }

  static boolean isOfServer(Directive directive) {
    return OF_SERVER.containsValue(directive);
  }

  private void collect(List<NginxDirective> directives, NginxScope scope) {
    for (NginxDirective each : directives) {
      List<NginxDirective> block = each.block();
      Directive directive = OF_LOCATION.get(each.name());
      if (block != null && each.name().equals("upstream")) {
        addBlock(each);
      } else if (block != null && SCOPES.contains(each.name())) {
        collect(block, new NginxScope(scope));
      } else if (directive != null) {
        scope.state(directive, each);
      } else if (each.name().equals("proxy_set_header")) {
        scope.header(each);
      } else if (each.name().equals("proxy_pass")) {
        passes.add(new Pass(each, scope));
      } else {
        skipped.putIfAbsent(Words.shown(each.name()), each);
      }
    }
  }

  private void addBlock(NginxDirective upstream) {
    if (upstream.arguments().size() != 1) {
      upstream.complain(ProblemKind.ARGUMENTS, "upstream", "upstream NAME { ... }");
      return;
    }
    String name = upstream.argument();
    NginxDirective earlier = upstreams.putIfAbsent(name, upstream);
    if (earlier != null) {
      upstream.complain(
          ProblemKind.UPSTREAM_TWICE, Words.quote(name), earlier.line(), upstream.line());
    }
  }

  /** Finds out what a {@code proxy_pass} names. */
  private void target(Pass pass) {
    NginxDirective directive = pass.directive;
    String url = directive.argument();
    if (directive.arguments().size() != 1) {
      directive.complain(ProblemKind.ARGUMENTS, "proxy_pass", "proxy_pass http://HOST;");
      return;
    }
    if (url.contains("$") || url.contains("://unix:")) {
      directive.complain(ProblemKind.NOT_RESOLVED, Words.quote(url));
      return;
    }
    String lower = url.toLowerCase(Locale.ROOT);
    boolean secure = lower.startsWith("https://");
    if (!secure && !lower.startsWith("http://")) {
      directive.complain(ProblemKind.BAD_PROXY_PASS, Words.quote(url));
      return;
    }
    String authority = url.substring(secure ? 8 : 7);
    int end = authority.length();
    for (char stop : new char[] {'/', '?', '#'}) {
      int at = authority.indexOf(stop);
      end = at >= 0 && at < end ? at : end;
    }
    authority = authority.substring(0, end);
    if (!upstreams.containsKey(authority)) {
      authority = withPort(authority, secure ? 443 : 80);
      implicit.putIfAbsent(authority, directive);
    }
    Pass first = firstPass.putIfAbsent(authority, pass);
    if (first != null) {
      reportDisagreement(first, pass);
    }
  }

  private static String withPort(String address, int port) {
    return address.lastIndexOf(':') > address.lastIndexOf(']') ? address : address + ":" + port;
  }

  private void reportDisagreement(Pass first, Pass second) {
    Map<Directive, Value> one = settings(first);
    Map<Directive, Value> other = settings(second);
    for (Directive directive : Directive.values()) {
      Value here = other.get(directive);
      Value there = one.get(directive);
      String shownHere = shown(directive, here);
      String shownThere = shown(directive, there);
      if (!shownHere.equals(shownThere)) {
        Value at = here == null || !here.written() ? NginxValue.list(second.directive) : here;
        at.complain(
            ProblemKind.DISAGREEMENT,
            directive.word() + " is " + shownHere,
            shownThere,
            there == null || !there.written() ? first.directive.place() : place(there));
        return;
      }
    }
  }

  private static String place(Value value) {
    return value.document.file() + ":" + value.line();
  }

  private static String shown(Directive directive, @Nullable Value value) {
    Policy.Builder policy = Policy.builder("");
    if (value != null) {
      directive.form().set(value, policy);
    }
    return directive.shown(policy.build());
  }

  /** What holds for the requests of a location, of the directives that stand in locations. */
  private Map<Directive, Value> settings(Pass pass) {
    Map<Directive, Value> known = pass.settings;
    if (known != null) {
      return known;
    }
    Map<Directive, Value> settings = new EnumMap<>(Directive.class);
    for (Directive directive : OF_LOCATION.values()) {
      NginxDirective stated = pass.scope.get(directive);
      if (stated != null) {
        Value value = value(directive, stated);
        if (value != null) {
          settings.put(directive, value);
        }
      }
    }
    Value headers = headers(pass.scope.headers());
    if (headers != null) {
      settings.put(Directive.SET_HEADER, headers);
    }
    pass.settings = settings;
    return settings;
  }

  private @Nullable Value value(Directive directive, NginxDirective stated) {
    List<NginxWord> arguments = stated.arguments();
    if (directive == Directive.NEXT_UPSTREAM && !arguments.isEmpty()) {
      return NginxValue.list(stated);
    }
    if (directive == Directive.HEALTH_CHECK) {
      return healthCheck(stated);
    }
    boolean local = directive == Directive.KEEPALIVE && arguments.size() == 2;
    if (arguments.size() != 1 && !local) {
      stated.complain(
          ProblemKind.ARGUMENTS, stated.name(), stated.name() + " " + directive.form().allowed());
      return null;
    }
    if (local) {
      skipped.putIfAbsent(Words.shown("keepalive ... " + arguments.get(1).text()), stated);
    }
    if (arguments.get(0).text().contains("$") && !arguments.get(0).text().contains(":-")) {
      stated.complain(ProblemKind.NOT_RESOLVED, Words.quote(arguments.get(0).text()));
      return null;
    }
    return NginxValue.word(stated, arguments.get(0));
  }

  private Value healthCheck(NginxDirective stated) {
    Map<String, Value> parts = new LinkedHashMap<>();
    for (NginxWord argument : stated.arguments()) {
      int equals = argument.text().indexOf('=');
      String key = equals < 0 ? argument.text() : argument.text().substring(0, equals);
      if (Arrays.asList("uri", "interval", "fails", "passes").contains(key) && equals > 0) {
        String text = argument.text().substring(equals + 1);
        parts.put(key, NginxValue.word(stated, argument, text));
      } else {
        skipped.putIfAbsent(Words.shown("health_check " + key), stated);
      }
    }
    return NginxValue.map(stated, parts);
  }

  /** Headers with a variable are nginx's business, as are those that frame a message. */
  private @Nullable Value headers(List<NginxDirective> stated) {
    Map<String, Value> headers = new LinkedHashMap<>();
    boolean connection = false;
    for (NginxDirective each : stated) {
      if (each.arguments().size() != 2) {
        each.complain(ProblemKind.ARGUMENTS, each.name(), "proxy_set_header NAME VALUE;");
        continue;
      }
      String name = each.argument();
      connection |= name.equalsIgnoreCase("connection");
      NginxWord value = each.arguments().get(1);
      boolean ours = !value.text().contains("$") && !Setters.frames(name);
      if (ours) {
        headers.put(name, NginxValue.word(each, value));
      } else {
        skipped.putIfAbsent(Words.shown("proxy_set_header " + name), each);
      }
    }
    // Stated in any way, Connection is not what nginx sends by default.
    return headers.isEmpty() && !connection ? null : NginxValue.map(stated.get(0), headers);
  }

  private void addUpstream(NginxDirective upstream) {
    String name = upstream.argument();
    Block common = new Block();
    Map<String, List<NginxDirective>> servers = new LinkedHashMap<>();
    for (NginxDirective each : body(upstream)) {
      Directive directive = OF_UPSTREAM.get(each.name());
      if (directive != null) {
        stateOnce(common, directive, each);
      } else if (each.name().equals("server")) {
        addServer(each, servers);
      } else {
        skipped.putIfAbsent(Words.shown(each.name()), each);
      }
    }
    Pass pass = firstPass.get(name);
    if (pass == null) {
      upstream.complain(ProblemKind.NOT_NAMED, Words.quote(name));
    } else {
      stateAll(common, settings(pass));
    }
    addDefaults(common, upstream, false);
    if (servers.isEmpty()) {
      upstream.complain(ProblemKind.NO_SERVER, Words.quote(name));
    }
    tries(common, upstream, servers.values());
    for (List<NginxDirective> alike : servers.values()) {
      addEntry(name, upstream, alike, common);
    }
  }

  /** One for each server that is not down, unless stated (ngx_http_upstream_tries). */
  private void tries(Block block, NginxDirective where, Collection<List<NginxDirective>> servers) {
    int tries = 0;
    for (List<NginxDirective> alike : servers) {
      for (NginxDirective server : alike) {
        tries += server.arguments().stream().anyMatch(word -> word.text().equals("down")) ? 0 : 1;
      }
    }
    Value stated = block.get(Directive.NEXT_UPSTREAM_TRIES);
    if (tries > 1 && (stated == null || "0".equals(stated.scalar()))) {
      block.state(
          Directive.NEXT_UPSTREAM_TRIES,
          NginxValue.standard(where, compat, Integer.toString(tries)));
    }
  }

  private static List<NginxDirective> body(NginxDirective upstream) {
    List<NginxDirective> body = upstream.block();
    return body == null ? Collections.<NginxDirective>emptyList() : body;
  }

  private void stateOnce(Block block, Directive directive, NginxDirective stated) {
    Value earlier = block.get(directive);
    if (earlier != null) {
      stated.complain(
          ProblemKind.DUPLICATE_KEY, Words.quote(stated.name()), earlier.keyLine(), stated.line());
      return;
    }
    Value value = value(directive, stated);
    if (value != null) {
      block.state(directive, value);
    }
  }

  private static void stateAll(Block block, Map<Directive, Value> settings) {
    for (Map.Entry<Directive, Value> setting : settings.entrySet()) {
      block.state(setting.getKey(), setting.getValue());
    }
  }

  /** Servers with the same parameters are listed together. */
  private void addServer(NginxDirective server, Map<String, List<NginxDirective>> servers) {
    if (server.arguments().isEmpty()) {
      server.complain(ProblemKind.ARGUMENTS, "server", "server HOST:PORT;");
      return;
    }
    if (server.argument().startsWith("unix:") || server.argument().contains("$")) {
      server.complain(ProblemKind.NOT_RESOLVED, Words.quote(server.argument()));
      return;
    }
    Map<String, String> ours = new TreeMap<>();
    for (NginxWord parameter : server.arguments().subList(1, server.arguments().size())) {
      String key = parameterName(parameter);
      if (OF_SERVER.containsKey(key)) {
        ours.put(key, parameter.text());
      } else {
        skipped.putIfAbsent(Words.shown("server ... " + key), server);
      }
    }
    servers.computeIfAbsent(ours.toString(), k -> new ArrayList<>()).add(server);
  }

  private static String parameterName(NginxWord parameter) {
    int equals = parameter.text().indexOf('=');
    return equals < 0 ? parameter.text() : parameter.text().substring(0, equals);
  }

  private void addEntry(
      String name, NginxDirective upstream, List<NginxDirective> alike, Block common) {
    Block entry = common.copy();
    NginxDirective first = alike.get(0);
    entry.state(Directive.NAME, NginxValue.word(upstream, upstream.arguments().get(0), name));
    for (NginxWord parameter : first.arguments().subList(1, first.arguments().size())) {
      Directive directive = OF_SERVER.get(parameterName(parameter));
      if (directive != null) {
        String text = parameter.text().substring(parameter.text().indexOf('=') + 1);
        entry.state(directive, NginxValue.word(first, parameter, text));
      }
    }
    List<Value> addresses = new ArrayList<>();
    String settings = settings(entry);
    for (NginxDirective server : alike) {
      String address = withPort(server.argument(), 80);
      // The same server under the same policy, in another upstream, changes nothing.
      if (!settings.equals(settingsOfServer.putIfAbsent(address, settings))) {
        addresses.add(NginxValue.word(server, server.arguments().get(0), address));
      }
    }
    if (!addresses.isEmpty()) {
      entry.state(Directive.MATCH, NginxValue.list(upstream, addresses));
      tree.add(entry);
    }
  }

  /** What an entry sets, in words. */
  private static String settings(Block entry) {
    Policy.Builder builder = Policy.builder("");
    entry.setOn(builder, new Block());
    Policy policy = builder.build();
    StringBuilder text = new StringBuilder();
    for (Directive directive : Directive.values()) {
      if (directive != Directive.NAME) {
        text.append(directive.shown(policy)).append('\n');
      }
    }
    return text.toString();
  }

  private void addImplicit(String address, NginxDirective directive) {
    Block entry = new Block();
    NginxWord url = directive.arguments().get(0);
    directive.complain(ProblemKind.NOTHING_KEPT, Words.quote(url.text()));
    entry.state(
        Directive.MATCH,
        NginxValue.list(
            directive, Collections.singletonList(NginxValue.word(directive, url, address))));
    Pass pass = firstPass.get(address);
    if (pass != null) {
      stateAll(entry, settings(pass));
    }
    addDefaults(entry, directive, true);
    tree.add(entry);
  }

  /** What holds of what the agent acts on because nothing was written. */
  private void addDefaults(Block block, NginxDirective where, boolean isImplicit) {
    Value keepalive = block.get(Directive.KEEPALIVE);
    boolean old = compat == Compat.V1_22;
    standard(block, Directive.HTTP_VERSION, where, old ? "1.0" : "1.1");
    if (keepalive != null && keepalive.written() && old) {
      warnOfOldProtocol(block, keepalive);
    }
    standard(block, Directive.KEEPALIVE, where, isImplicit || old ? "off" : "32");
    if (!"off".equals(shownKeepalive(block))) {
      standard(block, Directive.KEEPALIVE_REQUESTS, where, "1000");
      standard(block, Directive.KEEPALIVE_TIME, where, "1h");
      standard(block, Directive.KEEPALIVE_TIMEOUT, where, "60s");
    }
    standard(block, Directive.NEXT_UPSTREAM, where, "error", "timeout");
    if (!old && block.get(Directive.SET_HEADER) == null) {
      block.state(Directive.SET_HEADER, NginxValue.standardHeader(where, compat, "Connection"));
    }
  }

  private static String shownKeepalive(Block block) {
    Value value = block.get(Directive.KEEPALIVE);
    String word = value == null ? null : value.scalar();
    return word == null || word.equals("0") ? "off" : word;
  }

  private void warnOfOldProtocol(Block block, Value keepalive) {
    Value version = block.get(Directive.HTTP_VERSION);
    if (version != null && !version.written()) {
      keepalive.complain(ProblemKind.OLD_PROTOCOL, compat.word());
    }
  }

  private void standard(Block block, Directive directive, NginxDirective where, String... words) {
    if (block.get(directive) == null) {
      block.state(directive, NginxValue.standard(where, compat, words));
    }
  }

  private void saySkipped() {
    if (!skipped.isEmpty()) {
      NginxDirective first =
          Collections.min(skipped.values(), (a, b) -> Integer.compare(a.line(), b.line()));
      first.complain(ProblemKind.SKIPPED, String.join(", ", skipped.keySet()));
    }
  }
}
