package org.keepaliveagent.runtime;

import java.io.File;
import java.io.PrintStream;
import net.bytebuddy.agent.ByteBuddyAgent;

/**
 * The command line of the jar: {@code java -jar keepalive-agent.jar COMMAND ...}.
 *
 * <p>Exit codes: 0 done, 1 failed, 2 wrong usage.
 */
public final class Commands {
  /** The system property by which a JVM shows that this agent is in it: the path of its jar. */
  static final String SIGN = "org.keepaliveagent.agent";

  private static final String USAGE =
      "usage: java -jar keepalive-agent.jar COMMAND ...\n"
          + "\n"
          + "  check FILE [--format text|json] [--upstream URL [--method METHOD]] [--compat 1.22|1.31]\n"
          + "         what is wrong with a policy file, or what it means: the effective policy of each\n"
          + "         upstream and where each value comes from; with --upstream, what would be done\n"
          + "         with one request. Exit code 0 for a good file, 1 for a bad one.\n"
          + "  convert FILE [--to yaml|nginx] [--compat 1.22|1.31]\n"
          + "         the policy in the other notation; what that cannot say is listed on standard error\n"
          + "  attach PID [OPTIONS]\n"
          + "         attaches to the running JVM with that process id; OPTIONS as after\n"
          + "         -javaagent:keepalive-agent.jar=, for example policy=keepalive.yaml\n"
          + "  reload PID\n"
          + "         lets the agent in that JVM read its policy file again, at once\n"
          + "  status PID [--format text|json]\n"
          + "         what the agent in that JVM knows; a JVM without it is left as it is\n"
          + "  version\n"
          + "\n"
          + "To start an application with the agent:\n"
          + "  java -javaagent:keepalive-agent.jar[=OPTIONS] ...";

  private Commands() {}

  /**
   * Carries out a command.
   *
   * @param jar the agent's own jar
   * @return the exit code
   */
  public static Integer run(String[] arguments, File jar) {
    return run(arguments, jar, System.out, System.err);
  }

  static int run(String[] arguments, File jar, PrintStream out, PrintStream err) {
    String command = arguments.length == 0 ? "" : arguments[0];
    if (command.equals("version") && arguments.length == 1) {
      out.println(Version.get());
      return 0;
    }
    if (command.equals("check") || command.equals("convert")) {
      return new PolicyCommands(out, err, USAGE).run(arguments);
    }
    if (command.equals("attach") && (arguments.length == 2 || arguments.length == 3)) {
      String options = arguments.length == 3 ? arguments[2] : "";
      return attach(arguments[1], options, jar, "attached to ", out, err);
    }
    if (command.equals("reload") && arguments.length == 2) {
      return attach(arguments[1], "", jar, "let the policy be read again by ", out, err);
    }
    if (command.equals("status") && (arguments.length == 2 || isFormat(arguments))) {
      return status(arguments, jar, out, err);
    }
    err.println(USAGE);
    return 2;
  }

  private static boolean isFormat(String[] arguments) {
    return arguments.length == 4
        && arguments[2].equals("--format")
        && (arguments[3].equals("text") || arguments[3].equals("json"));
  }

  private static int status(String[] arguments, File jar, PrintStream out, PrintStream err) {
    String pid = arguments[1];
    if (!isPid(pid, err)) {
      return 2;
    }
    try {
      String format = arguments.length == 4 ? arguments[3] : "text";
      return new StatusCommand(jar, out, err).run(pid, format);
    } catch (Exception e) {
      return unreachable(pid, e, err);
    }
  }

  private static boolean isPid(String pid, PrintStream err) {
    if (pid.matches("[0-9]{1,10}")) {
      return true;
    }
    err.println("keepalive-agent: \"" + pid + "\" is not a process id.\n" + USAGE);
    return false;
  }

  private static int attach(
      String pid, String options, File jar, String done, PrintStream out, PrintStream err) {
    if (!isPid(pid, err)) {
      return 2;
    }
    try {
      ByteBuddyAgent.attach(jar, pid, options);
      out.println("keepalive-agent " + Version.get() + " " + done + pid);
      return 0;
    } catch (RuntimeException e) {
      return unreachable(pid, e, err);
    }
  }

  private static int unreachable(String pid, Exception e, PrintStream err) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    err.println(
        "keepalive-agent: cannot attach to "
            + pid
            + ": "
            + cause
            + ". The process must be a running JVM of the same user, not started with"
            + " -XX:+DisableAttachMechanism or -XX:-EnableDynamicAgentLoading.");
    return 1;
  }
}
