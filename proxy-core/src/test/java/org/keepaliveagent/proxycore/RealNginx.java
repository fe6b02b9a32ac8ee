package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** nginx itself, with one worker that is its only process; ends with the test. */
final class RealNginx implements AutoCloseable {
  private static final List<Path> PLACES =
      List.of(Path.of("/usr/sbin/nginx"), Path.of("/usr/local/nginx/sbin/nginx"));

  private final Process process;
  private final InetSocketAddress address;

  private RealNginx(Process process, InetSocketAddress address) {
    this.process = process;
    this.address = address;
  }

  /**
   * Starts it, where it is installed; else the test is not run.
   *
   * @param configuration with {@code PORT} for the port that it is to listen on
   */
  static RealNginx start(Path prefix, String configuration) throws Exception {
    String program = program();
    InetAddress here = InetAddress.getLoopbackAddress();
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, here)) {
      port = free.getLocalPort();
    }
    Path file = prefix.resolve("beside.conf");
    Files.writeString(file, configuration.replace("PORT", String.valueOf(port)));
    Process process =
        new ProcessBuilder(
                program,
                "-p",
                prefix.toString(),
                "-c",
                file.toString(),
                "-e",
                prefix.resolve("beside.log").toString(),
                "-g",
                "daemon off; master_process off; pid beside.pid;")
            .redirectErrorStream(true)
            .redirectOutput(prefix.resolve("beside.out").toFile())
            .start();
    RealNginx nginx = new RealNginx(process, new InetSocketAddress(here, port));
    try {
      TestProxy.await("nginx to listen", () -> nginx.listens(prefix));
    } catch (Exception | AssertionError e) {
      nginx.close();
      throw e;
    }
    return nginx;
  }

  /**
   * The same for a configuration that a {@link TestProxy} has too.
   *
   * @param text listens on 127.0.0.1:0 only, and has one {@code http} block
   */
  static RealNginx like(Path prefix, String text) throws Exception {
    StringBuilder http = new StringBuilder("http { ");
    http.append(text.contains("access_log") ? "" : "access_log off; ");
    for (String kind : List.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")) {
      http.append(kind).append("_temp_path temp_").append(kind).append("; ");
    }
    String own = text.replace("http {", http).replaceAll("127\\.0\\.0\\.1:0\\b", "127.0.0.1:PORT");
    return start(prefix, "events { } " + own);
  }

  /** Where it is not installed the test is not run. */
  static void assumeInstalled() {
    assumeTrue(PLACES.stream().anyMatch(Files::isExecutable), "not run: nginx is not installed");
  }

  private static String program() {
    assumeInstalled();
    return PLACES.stream().filter(Files::isExecutable).findFirst().orElseThrow().toString();
  }

  /** What it says of a configuration that cannot be used; else the test is not run. */
  static String refusal(Path prefix, Path configuration) throws Exception {
    Process process =
        new ProcessBuilder(
                program(),
                "-t",
                "-p",
                prefix.toString(),
                "-c",
                configuration.toString(),
                "-e",
                prefix.resolve("refusal.log").toString())
            .redirectErrorStream(true)
            .start();
    try (BufferedReader lines = process.inputReader()) {
      return lines.lines().filter(line -> line.contains("[emerg]")).findFirst().orElse("none");
    } finally {
      process.waitFor();
    }
  }

  private boolean listens(Path prefix) throws IOException {
    if (!process.isAlive()) {
      throw new IOException(Files.readString(prefix.resolve("beside.out")));
    }
    try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  InetSocketAddress address() {
    return address;
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
