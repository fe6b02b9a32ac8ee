package org.keepaliveagent.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.SecureRandom;
import java.util.Properties;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import net.bytebuddy.agent.ByteBuddyAgent;

/**
 * The command {@code status PID}: prints what the agent in that JVM knows. A JVM without one is
 * told from its system properties alone; nothing is loaded there.
 */
final class StatusCommand {
  private static final int SECONDS = 15;

  private final File jar;
  private final PrintStream out;
  private final PrintStream err;

  StatusCommand(File jar, PrintStream out, PrintStream err) {
    this.jar = jar;
    this.out = out;
    this.err = err;
  }

  /**
   * Prints it.
   *
   * @param format {@code text} or {@code json}
   * @return the exit code
   */
  int run(String pid, String format) throws Exception {
    Class<?> type = ByteBuddyAgent.AttachmentProvider.DEFAULT.attempt().getVirtualMachineType();
    Object vm = type.getMethod("attach", String.class).invoke(null, pid);
    try {
      Properties properties = (Properties) type.getMethod("getSystemProperties").invoke(vm);
      String there = properties.getProperty(Commands.SIGN);
      if (there == null) {
        err.println(
            "keepalive-agent: there is no Keepalive Agent in "
                + pid
                + " ("
                + properties.getProperty("sun.java.command", "unknown")
                + "); nothing was changed there. To attach one that only observes: java -jar "
                + jar
                + " attach "
                + pid
                + " mode=observe");
        return 1;
      }
      out.print(ask(type, vm, there, format));
      out.flush();
      return 0;
    } finally {
      type.getMethod("detach").invoke(vm);
    }
  }

  private static String ask(Class<?> type, Object vm, String agentJar, String format)
      throws Exception {
    String word = new BigInteger(120, new SecureRandom()).toString(36);
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      FutureTask<String> report = new FutureTask<>(() -> report(listener, word));
      Thread reader = new Thread(report, "keepalive-report");
      reader.setDaemon(true);
      reader.start();
      String argument = StatusReport.argument(listener.getLocalPort(), word, format);
      // The jar that runs there, so that nothing is added to its class path.
      type.getMethod("loadAgent", String.class, String.class).invoke(vm, agentJar, argument);
      // The agent has answered by now, if it could: the JVM has waited for it.
      return report.get(2, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "the agent there did not answer; it says why on standard error");
    }
  }

  /** What the first client says that knows the word. */
  private static String report(ServerSocket listener, String word) throws IOException {
    while (true) {
      try (Socket agent = listener.accept()) {
        agent.setSoTimeout(1000 * SECONDS);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        InputStream in = agent.getInputStream();
        byte[] buffer = new byte[8192];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          bytes.write(buffer, 0, read);
        }
        String said = new String(bytes.toByteArray(), UTF_8);
        if (said.startsWith(word + "\n")) {
          return said.substring(word.length() + 1);
        }
      }
    }
  }
}
