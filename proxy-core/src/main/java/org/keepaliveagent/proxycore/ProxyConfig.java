package org.keepaliveagent.proxycore;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the proxy is to do; made from an nginx.conf.
 *
 * @param workers how many event loops
 * @param bareLf whether a line of a request's head may end without CR; no directive, nginx has none
 * @param pid the file for the process's number, null for none; nginx has a default, built in
 * @param accounting what is counted of each request
 * @param logFiles what has to be open for its access logs
 */
record ProxyConfig(
    int workers,
    List<Server> servers,
    boolean bareLf,
    @Nullable String pid,
    Accounting accounting,
    Set<Path> logFiles) {

  /** The same, for clients that end the lines of a head without CR. */
  ProxyConfig allowingBareLf() {
    return new ProxyConfig(workers, servers, true, pid, accounting, logFiles);
  }

  /** What is listened on, in the order of the configuration. */
  Set<InetSocketAddress> addresses() {
    Set<InetSocketAddress> addresses = new LinkedHashSet<>();
    servers.forEach(server -> addresses.addAll(server.listen()));
    return addresses;
  }

  /** Those that have an address. */
  List<Server> servers(InetSocketAddress address) {
    return servers.stream().filter(server -> server.listen().contains(address)).toList();
  }

  /**
   * Reads a file.
   *
   * @param prefix what relative paths in it are relative to
   * @param globals directives that stand before its first line
   */
  static ProxyConfig read(Path prefix, Path file, String globals) throws ConfigException {
    return parse(prefix, file.toString(), globals, ConfigFiles.read(file));
  }

  /** Reads a text whose relative paths are relative to the working directory. */
  static ProxyConfig parse(String file, String text) throws ConfigException {
    return parse(Path.of("").toAbsolutePath(), file, "", text);
  }

  static ProxyConfig parse(Path prefix, String file, String globals, String text)
      throws ConfigException {
    ConfigFiles files = new ConfigFiles(prefix.resolve(file));
    List<Directive> all = new ArrayList<>(files.parse("command line", globals));
    all.addAll(files.parse(file, text));
    Directive root = new Directive("", List.of(), List.copyOf(all), file, 1);
    Grammar.check(root);
    return new ConfigReader(prefix).read(root);
  }
}
