package org.keepaliveagent.proxycore;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The command line: {@code java -jar proxy-core.jar [-p PREFIX] [-c FILE] [-e ERRORLOG] [-g
 * "DIRECTIVES"] [-t] [-V] [--stdin-control] [--bare-lf]}, see {@link CommandLine}.
 *
 * <p>Says {@code proxy-core ready on ADDRESS:PORT, …} on standard output when every address is
 * listened on and the {@code pid} file is written, and again after each reload. What cannot be used
 * is said on standard error in nginx's form, and the exit code is 1.
 *
 * <p>SIGTERM and SIGINT stop it gracefully within {@value #STOP_SECONDS} seconds, in a JVM shutdown
 * hook; the exit code is then the JVM's: 143 or 130. SIGHUP reloads. With {@code --stdin-control}
 * the end of standard input or a line {@code quit} stops it in the same way with exit code 0, and a
 * line {@code reload} reloads.
 */
public final class ProxyCore {
  static final int STOP_SECONDS = 10;

  private ProxyCore() {}

  public static void main(String[] args) throws IOException {
    CommandLine line = parse(args, System.err);
    if (line == null) {
      System.exit(1);
    } else if (line.action() == CommandLine.Action.RUN) {
      run(line);
    } else {
      System.exit(tell(line, System.err));
    }
  }

  static @Nullable CommandLine parse(String[] args, PrintStream err) {
    try {
      return CommandLine.parse(List.of(args));
    } catch (ConfigException e) {
      err.println("nginx: " + e.getMessage());
      return null;
    }
  }

  /** Does what needs no running proxy, and returns the exit code. */
  static int tell(CommandLine line, PrintStream err) {
    if (line.action() == CommandLine.Action.VERSION) {
      err.println("nginx version: proxy-core/" + version());
      return 0;
    }
    try {
      ProxyConfig config = line.read();
      err.println("nginx: the configuration file " + line.file() + " syntax is ok");
      LogFiles.close(LogFiles.open(config.logFiles()));
    } catch (ConfigException | IOException e) {
      new ErrorLog(err, line.errorLog()).emerg(String.valueOf(e.getMessage()));
      err.println("nginx: configuration file " + line.file() + " test failed");
      return 1;
    }
    err.println("nginx: configuration file " + line.file() + " test is successful");
    return 0;
  }

  static String version() {
    String version = ProxyCore.class.getPackage().getImplementationVersion();
    return version == null ? "unpackaged" : version;
  }

  private static void run(CommandLine line) throws IOException {
    Master master = Master.start(line, System.out, System.err, ProxyCore::obeySignals);
    if (master == null) {
      System.exit(1);
      return;
    }
    if (line.stdinControl()) {
      master.obey(System.in);
      System.exit(0);
    }
  }

  private static void obeySignals(Master master) {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(master), "proxy-core-stop"));
    Signals.onHup(master::reload);
  }

  private static void stop(Master master) {
    try {
      master.stop(Duration.ofSeconds(STOP_SECONDS));
    } catch (IOException e) {
      System.err.println("nginx: [alert] " + e.getMessage());
    }
  }
}
