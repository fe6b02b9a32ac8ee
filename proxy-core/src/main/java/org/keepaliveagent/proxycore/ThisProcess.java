package org.keepaliveagent.proxycore;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;

/** What variables tell of the process itself. */
final class ThisProcess {
  static final String PID = String.valueOf(ProcessHandle.current().pid());

  private ThisProcess() {}

  /** The host's name, asked for once and only where it is used: that may ask a name server. */
  static String hostname() {
    return Hostname.VALUE;
  }

  private static final class Hostname {
    private static final String VALUE = find();

    private static String find() {
      try {
        return InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT);
      } catch (UnknownHostException e) {
        return "localhost";
      }
    }
  }
}
