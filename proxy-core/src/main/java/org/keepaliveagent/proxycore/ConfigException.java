package org.keepaliveagent.proxycore;

/** A configuration that cannot be used; the message is in nginx's words, with file and line. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  ConfigException(String message) {
    super(message);
  }

  ConfigException(String what, String file, int line) {
    super(what + " in " + file + ":" + line);
  }
}
