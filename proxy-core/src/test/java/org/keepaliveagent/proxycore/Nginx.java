package org.keepaliveagent.proxycore;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A real nginx with a configuration that a proxy has too, where it is installed. */
final class Nginx implements AutoCloseable {
  private static final String ANY_PORT = "127.0.0.1:0";
  private static final List<String> TEMP =
      List.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi");

  private final Process process;
  private final List<Integer> ports;

  private Nginx(Process process, List<Integer> ports) {
    this.process = process;
    this.ports = ports;
  }

  /** Ends the test where there is no nginx. */
  static void assumeInstalled() {
    try {
      Process version = new ProcessBuilder("nginx", "-v").redirectErrorStream(true).start();
      version.getInputStream().readAllBytes();
    } catch (IOException e) {
      Assumptions.abort("not run: nginx is not installed");
    }
  }

  /**
   * Starts it.
   *
   * @param dir an empty folder
   * @param text may listen on port 0 of 127.0.0.1, and has one {@code http} block
   */
  static Nginx configured(Path dir, String text) throws Exception {
    assumeInstalled();
    for (int attempt = 1; ; attempt++) {
      Nginx started = start(dir, text);
      if (started.isReady()) {
        return started;
      }
      started.close();
      // The port may be somebody else's by now.
      if (attempt == 3) {
        throw new IOException(Files.readString(dir.resolve("error.log")));
      }
    }
  }

  private static Nginx start(Path dir, String text) throws IOException {
    List<Integer> ports = new ArrayList<>();
    String own = text;
    while (own.contains(ANY_PORT)) {
      int port = freePort();
      ports.add(port);
      own = own.replaceFirst(ANY_PORT + "\\b", "127.0.0.1:" + port);
    }
    StringBuilder http = new StringBuilder("http { ");
    for (String kind : TEMP) {
      http.append(kind).append("_temp_path temp_").append(kind).append("; ");
    }
    String configuration =
        "daemon off; master_process off; pid nginx.pid; events { }\n"
            + own.replace("http {", http + (text.contains("access_log") ? "" : "access_log off;"));
    Path file = Files.writeString(dir.resolve("real-nginx.conf"), configuration);
    Path log = dir.resolve("error.log");
    Process process =
        new ProcessBuilder("nginx", "-p", dir + "/", "-c", file.toString(), "-e", log.toString())
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve("nginx.out").toFile())
            .start();
    return new Nginx(process, List.copyOf(ports));
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  private boolean isReady() throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Wire.PATIENCE_SECONDS);
    while (process.isAlive() && System.nanoTime() < end) {
      try (Socket open = new Socket(InetAddress.getLoopbackAddress(), ports.get(0))) {
        return open.isConnected() && process.isAlive();
      } catch (IOException e) {
        Thread.sleep(1);
      }
    }
    return false;
  }

  /** Where it listens, in the order of the configuration. */
  InetSocketAddress address(int number) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), ports.get(number));
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(Wire.PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
