package org.keepaliveagent.proxycore;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The command line: {@code java -jar proxy-core.jar -c nginx.conf}.
 *
 * <p>Says {@code proxy-core ready on ADDRESS:PORT, …} on standard output when every address is
 * listened on. Exit codes: 1 for a configuration that cannot be used, said on standard error in
 * nginx's form; 2 for a wrong command line. SIGTERM and SIGINT stop it gracefully within {@value
 * #STOP_SECONDS} seconds, in a JVM shutdown hook; the exit code is then the JVM's: 143 or 130.
 */
public final class ProxyCore {
  static final int STOP_SECONDS = 10;

  private ProxyCore() {}

  public static void main(String[] args) {
    Proxy proxy = null;
    int exitCode = 2;
    if (args.length == 2 && args[0].equals("-c")) {
      proxy = start(Path.of(args[1]), System.out, System.err);
      exitCode = 1;
    } else {
      System.err.println("usage: java -jar proxy-core.jar -c nginx.conf");
    }
    if (proxy == null) {
      System.exit(exitCode);
    } else {
      stopAtExit(proxy);
    }
  }

  /** Starts a proxy and says so, or says why not and returns null. */
  static @Nullable Proxy start(Path file, PrintStream out, PrintStream err) {
    try {
      Proxy proxy = Proxy.start(ProxyConfig.read(file));
      out.println(
          proxy.addresses().stream()
              .map(Proxy::text)
              .collect(Collectors.joining(", ", "proxy-core ready on ", "")));
      return proxy;
    } catch (ConfigException | IOException e) {
      err.println("proxy-core: [emerg] " + e.getMessage());
      return null;
    }
  }

  private static void stopAtExit(Proxy proxy) {
    Duration limit = Duration.ofSeconds(STOP_SECONDS);
    Thread hook = new Thread(() -> proxy.stop(limit), "proxy-core-stop");
    Runtime.getRuntime().addShutdownHook(hook);
  }
}
