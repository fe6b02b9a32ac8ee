package org.keepaliveagent.runtime;

import java.io.File;
import net.bytebuddy.agent.ByteBuddyAgent;

/**
 * The command line of the jar: {@code java -jar keepalive-agent.jar attach PID [OPTIONS]}.
 *
 * <p>Exit codes: 0 done, 1 failed, 2 wrong usage.
 */
public final class Commands {
  private static final String USAGE =
      "usage: java -jar keepalive-agent.jar attach PID [OPTIONS]\n"
          + "         attaches to the running JVM with that process id; OPTIONS as after\n"
          + "         -javaagent:keepalive-agent.jar=, for example policy=keepalive.yaml\n"
          + "       java -jar keepalive-agent.jar version\n"
          + "To start an application with the agent:\n"
          + "       java -javaagent:keepalive-agent.jar[=OPTIONS] ...";

  private Commands() {}

  /**
   * Carries out a command.
   *
   * @param jar the agent's own jar
   * @return the exit code
   */
  public static Integer run(String[] arguments, File jar) {
    String command = arguments.length == 0 ? "" : arguments[0];
    if (command.equals("version") && arguments.length == 1) {
      System.out.println(Version.get());
      return 0;
    }
    if (command.equals("attach") && (arguments.length == 2 || arguments.length == 3)) {
      return attach(arguments[1], arguments.length == 3 ? arguments[2] : "", jar);
    }
    System.err.println(USAGE);
    return 2;
  }

  private static int attach(String pid, String options, File jar) {
    if (!pid.matches("[0-9]{1,10}")) {
      System.err.println("keepalive-agent: \"" + pid + "\" is not a process id.\n" + USAGE);
      return 2;
    }
    try {
      ByteBuddyAgent.attach(jar, pid, options);
      System.out.println("keepalive-agent " + Version.get() + " attached to " + pid);
      return 0;
    } catch (RuntimeException e) {
      Throwable cause = e;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      System.err.println(
          "keepalive-agent: cannot attach to "
              + pid
              + ": "
              + cause
              + ". The process must be a running JVM of the same user, not started with"
              + " -XX:+DisableAttachMechanism or -XX:-EnableDynamicAgentLoading.");
      return 1;
    }
  }
}
