package org.keepaliveagent.proxycore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What the proxy is to do; made from an nginx.conf.
 *
 * @param workers how many event loops
 * @param bareLf whether a line of a request's head may end without CR; no directive, nginx has none
 */
record ProxyConfig(int workers, List<Server> servers, boolean bareLf) {

  /** The same, for clients that end the lines of a head without CR. */
  ProxyConfig allowingBareLf() {
    return new ProxyConfig(workers, servers, true);
  }

  static ProxyConfig read(Path file) throws ConfigException {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new ConfigException("open() \"" + file + "\" failed (" + e + ")");
    }
    return parse(file.toString(), text);
  }

  static ProxyConfig parse(String file, String text) throws ConfigException {
    Directive root = ConfigParser.parse(file, text);
    Grammar.check(root);
    return new ConfigReader().read(root);
  }
}
