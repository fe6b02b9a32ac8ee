package org.keepaliveagent.ittests;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A real nginx, where one is installed; ended, by its own handle, on close. */
final class ForkedNginx implements AutoCloseable {
  private static final Path PROGRAM = Path.of("/usr/sbin/nginx");
  private static final int PATIENCE_SECONDS = 30;

  private final Process process;
  private final int port;

  private ForkedNginx(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Whether it is there, in the version that the rows were measured with. */
  static boolean isInstalled() throws IOException, InterruptedException {
    if (!Files.isExecutable(PROGRAM)) {
      return false;
    }
    Process version =
        new ProcessBuilder(PROGRAM.toString(), "-v").redirectErrorStream(true).start();
    try (var said = version.inputReader()) {
      return String.valueOf(said.readLine()).contains("nginx/1.22.");
    } finally {
      version.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }

  /**
   * Starts it and waits until it listens.
   *
   * @param http what stands inside {@code http}; {@code @PORT@} is where it listens
   */
  static ForkedNginx start(Path folder, String http) throws IOException, InterruptedException {
    int port = freePort();
    Path configuration = folder.resolve("real-nginx.conf");
    Files.writeString(
        configuration,
        "worker_processes 1; daemon off; pid %s/nginx.pid; events {}%nhttp { access_log off;%n%s }%n"
            .formatted(folder, http.replace("@PORT@", String.valueOf(port))));
    Process process =
        new ProcessBuilder(
                List.of(
                    PROGRAM.toString(),
                    "-p",
                    folder.toString(),
                    "-c",
                    configuration.toString(),
                    "-e",
                    folder.resolve("nginx-error.log").toString()))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("nginx-output.log").toFile())
            .start();
    ForkedJvm.endWithThisJvm(process);
    ForkedNginx nginx = new ForkedNginx(process, port);
    try {
      nginx.awaitListening(folder);
      return nginx;
    } catch (Throwable t) {
      nginx.close();
      throw t;
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return any.getLocalPort();
    }
  }

  private void awaitListening(Path folder) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (true) {
      try {
        new Socket(InetAddress.getLoopbackAddress(), port).close();
        return;
      } catch (IOException notYet) {
        if (!process.isAlive() || System.nanoTime() > deadline) {
          throw new AssertionError(
              "nginx does not listen: " + Files.readString(folder.resolve("nginx-output.log")),
              notYet);
        }
        Thread.sleep(10);
      }
    }
  }

  int port() {
    return port;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(15, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
