package org.keepaliveagent.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What Linux tells of the timers of its TCP sockets, in {@code /proc/net/tcp}. */
public final class KernelTimers {
  private static final List<Path> TABLES =
      List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));

  /** The kernel's word for the timer of a socket that is connected and has sent everything. */
  private static final String KEEPALIVE = "02";

  private static final int MILLIS_A_TICK = 10;

  private KernelTimers() {}

  public static boolean canBeRead() {
    return Files.isReadable(TABLES.get(0));
  }

  /** How long until the socket between two local ports is probed; -1 if it will not be. */
  public static long keepaliveMillis(int localPort, int remotePort) throws IOException {
    for (Path table : TABLES) {
      if (!Files.isReadable(table)) {
        continue;
      }
      for (String line : Files.readAllLines(table)) {
        String[] words = line.trim().split("\\s+", -1);
        if (words.length > 5 && port(words[1]) == localPort && port(words[2]) == remotePort) {
          String[] timer = words[5].split(":", -1);
          return timer[0].equals(KEEPALIVE) ? Long.parseLong(timer[1], 16) * MILLIS_A_TICK : -1;
        }
      }
    }
    throw new IOException("no socket between " + localPort + " and " + remotePort);
  }

  private static int port(String address) {
    int colon = address.lastIndexOf(':');
    try {
      return Integer.parseInt(address.substring(colon + 1), 16);
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
