package org.keepaliveagent.proxycore;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    private static final Path KERNEL = Path.of("/proc/sys/kernel/hostname");
    private static final String VALUE = find();

    private static String find() {
      try {
        return Files.readString(KERNEL).strip().toLowerCase(Locale.ROOT);
      } catch (IOException e) {
        return ask(); // Another system.
      }
    }

    private static String ask() {
      try {
        return InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT);
      } catch (UnknownHostException e) {
        return "localhost";
      }
    }
  }
}
