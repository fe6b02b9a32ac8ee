package org.keepaliveagent.proxycore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What the proxy is to do; made from an nginx.conf.
 *
 * @param workers how many event loops
 */
record ProxyConfig(int workers, List<Server> servers) {

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
