package org.keepaliveagent.proxycore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the proxy is to do; made from an nginx.conf.
 *
 * @param workers how many event loops
 * @param bareLf whether a line of a request's head may end without CR; no directive, nginx has none
 * @param pid the file for the process's number, null for none; nginx has a default, built in
 */
record ProxyConfig(int workers, List<Server> servers, boolean bareLf, @Nullable String pid) {

  /** The same, for clients that end the lines of a head without CR. */
  ProxyConfig allowingBareLf() {
    return new ProxyConfig(workers, servers, true, pid);
  }

  /**
   * Reads a file.
   *
   * @param globals directives that stand before its first line
   */
  static ProxyConfig read(Path file, String globals) throws ConfigException {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new ConfigException("open() \"" + file + "\" failed (" + e + ")");
    }
    return parse(file.toString(), globals, text);
  }

  static ProxyConfig parse(String file, String text) throws ConfigException {
    return parse(file, "", text);
  }

  private static ProxyConfig parse(String file, String globals, String text)
      throws ConfigException {
    List<Directive> all = new ArrayList<>(ConfigParser.parse("command line", globals).children());
    all.addAll(ConfigParser.parse(file, text).children());
    Directive root = new Directive("", List.of(), List.copyOf(all), file, 1);
    Grammar.check(root);
    return new ConfigReader().read(root);
  }
}
