package org.keepaliveagent.proxycore;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Starts, reloads and stops the proxy of a command line, like nginx's master process. */
final class Master {
  private final CommandLine line;
  private final ErrorLog log;
  private final PrintStream out;
  private final Proxy proxy;
  private @Nullable Path pid;

  private Master(CommandLine line, ErrorLog log, PrintStream out, ProxyConfig config)
      throws IOException {
    this.line = line;
    this.log = log;
    this.out = out;
    proxy = Proxy.start(config);
  }

  /**
   * Starts a proxy and says so, or says why not and returns null.
   *
   * @param beforeReady gets it before anybody is told: whoever reads that may send a signal at once
   */
  static @Nullable Master start(
      CommandLine line, PrintStream out, PrintStream err, Consumer<Master> beforeReady) {
    ErrorLog log = new ErrorLog(err, line.errorLog());
    try {
      ProxyConfig config = line.read();
      Master master = new Master(line, log, out, config);
      beforeReady.accept(master);
      master.begin(config);
      return master;
    } catch (ConfigException | IOException e) {
      log.emerg(String.valueOf(e.getMessage()));
      return null;
    }
  }

  private synchronized void begin(ProxyConfig config) throws IOException {
    try {
      listening(config);
    } catch (IOException e) {
      proxy.stop(Duration.ZERO);
      throw e;
    }
  }

  Proxy proxy() {
    return proxy;
  }

  /** Reads the configuration again; one that cannot be used is told, and changes nothing. */
  synchronized void reload() {
    try {
      ProxyConfig config = line.read();
      proxy.reload(config);
      listening(config);
    } catch (ConfigException | IOException e) {
      log.emerg(String.valueOf(e.getMessage()));
    }
  }

  /** Everything is listened on: whoever waits for that is told. */
  private void listening(ProxyConfig config) throws IOException {
    Path next = config.pid() == null ? null : line.prefix().resolve(config.pid());
    if (pid != null && !pid.equals(next)) {
      Files.deleteIfExists(pid);
    }
    if (next != null) {
      Files.writeString(next, ProcessHandle.current().pid() + "\n");
    }
    pid = next;
    out.println(
        proxy.addresses().stream()
            .map(Proxy::text)
            .collect(Collectors.joining(", ", "proxy-core ready on ", "")));
  }

  /** Stops gracefully, see {@link Proxy#stop}. */
  synchronized void stop(Duration limit) throws IOException {
    proxy.stop(limit);
    if (pid != null) {
      Files.deleteIfExists(pid);
    }
  }

  /** Obeys the lines {@code reload} and {@code quit}; returns after {@code quit} or the end. */
  void obey(InputStream in) throws IOException {
    BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    for (String order = lines.readLine(); order != null; order = lines.readLine()) {
      switch (order.strip()) {
        case "reload" -> reload();
        case "quit" -> {
          return;
        }
        default -> log.emerg("invalid order \"" + order + "\" on standard input");
      }
    }
  }
}
