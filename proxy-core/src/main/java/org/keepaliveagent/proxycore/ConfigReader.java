package org.keepaliveagent.proxycore;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Turns a checked tree of directives into a {@link ProxyConfig}.
 *
 * <p>Read and checked, but not acted on: {@code daemon} (it stays in the foreground), {@code
 * error_log} (only what stops it is told, see {@link ErrorLog}), {@code proxy_http_version}
 * (upstreams get HTTP/1.1), some of {@code proxy_set_header}, see {@link ProxyHeaders}, and more:
 * see {@link RetryDirectives}, and {@link UpstreamReader}.
 */
final class ConfigReader {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);

  private final Path prefix;
  private final LogReader logs;
  private final UpstreamReader upstreams = new UpstreamReader();
  private final UpstreamTlsReader tls = new UpstreamTlsReader();
  private final Set<InetSocketAddress> defaults = new HashSet<>();

  /**
   * @param prefix what relative paths are relative to
   */
  ConfigReader(Path prefix) {
    this.prefix = prefix;
    logs = new LogReader(prefix);
  }

  ProxyConfig read(Directive root) throws ConfigException {
    List<Server> servers = new ArrayList<>();
    TuningReader.check(root);
    for (Directive daemon : root.children("daemon")) {
      ConfigValues.flag(daemon);
    }
    for (Directive http : root.children("http")) {
      checkAccepted(http);
      logs.addFormats(http);
      checkSettings(Scope.of(http));
      for (Directive upstream : http.children("upstream")) {
        upstreams.add(upstream);
      }
      for (Directive server : http.children("server")) {
        servers.add(server(http, server));
      }
      checkTls(http, servers);
    }
    return new ProxyConfig(
        workers(root),
        List.copyOf(servers),
        false,
        root.child("pid").map(pid -> pid.arg(0)).orElse(null),
        Accounting.of(root),
        logs.files());
  }

  private static int workers(Directive root) throws ConfigException {
    Directive directive = root.child("worker_processes").orElse(null);
    if (directive == null) {
      return 1;
    }
    int count =
        directive.arg(0).equals("auto")
            ? Runtime.getRuntime().availableProcessors()
            : ConfigValues.parseCount(directive.arg(0));
    if (count < 1) {
      throw directive.invalid("value");
    }
    return count;
  }

  private Server server(Directive http, Directive block) throws ConfigException {
    checkAccepted(block);
    List<InetSocketAddress> listen = new ArrayList<>();
    Set<InetSocketAddress> defaultFor = new HashSet<>();
    Set<InetSocketAddress> tlsAt = new HashSet<>();
    for (Directive directive : block.children("listen")) {
      InetSocketAddress address = Addresses.listen(directive);
      if (listen.contains(address)) {
        throw directive.error("a duplicate listen " + directive.arg(0));
      }
      listen.add(address);
      checkParameters(directive);
      if (directive.args().lastIndexOf("ssl") > 0) {
        tlsAt.add(address);
      }
      if (directive.args().lastIndexOf("default_server") > 0) {
        if (!defaults.add(address)) {
          throw directive.error("a duplicate default server for " + Proxy.text(address));
        }
        defaultFor.add(address);
      }
    }
    if (listen.isEmpty()) {
      listen.add(new InetSocketAddress(80));
    }
    List<ServerName> names = new ArrayList<>();
    for (Directive directive : block.children("server_name")) {
      for (String name : directive.args()) {
        names.add(ServerName.read(directive, name));
      }
    }
    Directive answer = block.child("return").orElse(null);
    Scope scope = Scope.of(block, http);
    LocationReader locations = new LocationReader(upstreams, tls, prefix, new SettingsReader(logs));
    Location outer = locations.read(block, scope);
    return new Server(
        List.copyOf(listen),
        Set.copyOf(defaultFor),
        Set.copyOf(tlsAt),
        new ServerTlsReader(Scope.of(block, http)).read(),
        List.copyOf(names),
        answer == null ? null : ReturnReader.read(answer),
        outer,
        locations.named(),
        headTimeout(scope));
  }

  private static void checkParameters(Directive listen) throws ConfigException {
    for (String parameter : listen.args().subList(1, listen.args().size())) {
      if (!parameter.equals("default_server") && !parameter.equals("ssl")) {
        throw listen.error("invalid parameter \"" + parameter + "\"");
      }
    }
  }

  /** Where clients encrypt, the default server has a certificate, for itself and the others. */
  private static void checkTls(Directive http, List<Server> servers) throws ConfigException {
    Set<InetSocketAddress> tlsAt = new HashSet<>();
    servers.forEach(server -> tlsAt.addAll(server.tlsAt()));
    for (InetSocketAddress address : tlsAt) {
      List<Server> here =
          servers.stream().filter(server -> server.listen().contains(address)).toList();
      Server first = Server.fallback(here, address);
      if (first.tls() == null) {
        throw http.children("server")
            .get(servers.indexOf(first))
            .error("no \"ssl_certificate\" is defined for the \"listen ... ssl\" directive");
      }
    }
  }

  private static Duration headTimeout(Scope scope) throws ConfigException {
    return scope.timeout("client_header_timeout", DEFAULT_TIMEOUT);
  }

  /** A mistake is one also where no server is. */
  private void checkSettings(Scope http) throws ConfigException {
    new SettingsReader(logs).read(http);
    headTimeout(http);
  }

  /** Values that are not acted on are checked all the same. */
  static void checkAccepted(Directive block) throws ConfigException {
    RetryDirectives.check(block);
    for (Directive version : block.children("proxy_http_version")) {
      if (!version.arg(0).equals("1.0") && !version.arg(0).equals("1.1")) {
        throw version.invalidValue(version.arg(0));
      }
    }
  }
}
