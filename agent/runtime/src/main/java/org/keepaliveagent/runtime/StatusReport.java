package org.keepaliveagent.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * How the command {@code status PID} asks an agent that runs: it listens on a port of the loopback
 * and has the JVM call the agent with that port, a word of its own and a format as argument; the
 * agent connects there and says the word first. Nothing is written, no port of the application's is
 * opened. Refers to no class that needs the hooks.
 */
public final class StatusReport {
  /** What the argument begins with; no option of the agent does. */
  static final String ARGUMENT = "report_to=";

  private static final int MILLIS = 5000;

  private StatusReport() {}

  static String argument(int port, String word, String format) {
    return ARGUMENT + port + ":" + word + ":" + format;
  }

  /** Whether the agent is called for a report, and not to be given other options. */
  static boolean isAsked(String argument) {
    return argument.startsWith(ARGUMENT);
  }

  /** The report of an agent that no class has started yet; called by the door. */
  public static void sendWaiting(String argument) throws IOException {
    send(
        argument,
        isJson(argument)
            ? "{\"version\":\"" + Version.get() + "\",\"waiting\":true}\n"
            : "Keepalive Agent "
                + Version.get()
                + "\nIt waits: no class of a library that it knows has been loaded yet.\n");
  }

  static boolean isJson(String argument) {
    return argument.endsWith(":json");
  }

  static void send(String argument, String report) throws IOException {
    String[] parts = argument.substring(ARGUMENT.length()).split(":", -1);
    try (Socket socket = new Socket()) {
      InetAddress loopback = InetAddress.getLoopbackAddress();
      socket.connect(new InetSocketAddress(loopback, Integer.parseInt(parts[0])), MILLIS);
      socket.getOutputStream().write((parts[1] + "\n" + report).getBytes(UTF_8));
    }
  }
}
