package org.keepaliveagent.ittests.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.keepaliveagent.ittests.ForkedJvm;

/** The machine's nginx or HAProxy as a child process, in the foreground, with one worker. */
final class NativeProxy implements AutoCloseable {
  private static final int START_SECONDS = 10;

  private final Process process;
  private final int port;

  private NativeProxy(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * The configuration that nginx and proxy-core get.
   *
   * @param directives more of the {@code http} block
   * @param keepaliveTimeout how long it keeps an idle connection to an upstream
   */
  static Path nginxConf(
      Path folder, int port, List<Integer> upstreams, String directives, String keepaliveTimeout)
      throws IOException {
    String servers =
        upstreams.stream()
            .map(upstream -> "server 127.0.0.1:" + upstream + " max_fails=0;")
            .collect(Collectors.joining(" "));
    return Files.writeString(
        Files.createTempFile(folder, "nginx", ".conf"),
        """
        events {}
        http {
          %s
          upstream backends { %s keepalive 256; keepalive_timeout %s; }
          server {
            listen 127.0.0.1:%d;
            location / {
              proxy_pass http://backends;
              proxy_http_version 1.1;
              proxy_set_header Connection "";
            }
          }
        }
        """
            .formatted(directives, servers, keepaliveTimeout, port));
  }

  static NativeProxy nginx(Path folder, List<Integer> upstreams, String keepaliveTimeout)
      throws IOException, InterruptedException {
    int port = freePort();
    Path configuration = nginxConf(folder, port, upstreams, "access_log off;", keepaliveTimeout);
    String process =
        "daemon off; worker_processes 1; pid %1$s/nginx.pid; error_log %1$s/nginx.log crit;"
            .formatted(folder);
    return start(
        folder,
        port,
        "nginx",
        "-p",
        folder.toString(),
        "-c",
        configuration.toString(),
        "-g",
        process);
  }

  static NativeProxy haproxy(Path folder, List<Integer> upstreams)
      throws IOException, InterruptedException {
    int port = freePort();
    StringBuilder servers = new StringBuilder();
    for (int i = 0; i < upstreams.size(); i++) {
      servers.append("  server s%d 127.0.0.1:%d%n".formatted(i, upstreams.get(i)));
    }
    Path configuration =
        Files.writeString(
            Files.createTempFile(folder, "haproxy", ".cfg"),
            """
            global
              nbthread 1
            defaults
              mode http
              timeout connect 5s
              timeout client 60s
              timeout server 60s
            frontend clients
              bind 127.0.0.1:%d
              default_backend upstreams
            backend upstreams
              http-reuse always
            %s"""
                .formatted(port, servers));
    return start(folder, port, "haproxy", "-db", "-f", configuration.toString());
  }

  private static NativeProxy start(Path folder, int port, String... command)
      throws IOException, InterruptedException {
    Path said = Files.createTempFile(folder, command[0], ".out");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    ForkedJvm.endWithThisJvm(process);
    NativeProxy proxy = new NativeProxy(process, port);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (!isListening(port)) {
      if (!process.isAlive() || System.nanoTime() - deadline > 0) {
        proxy.close();
        throw new IOException(command[0] + " did not start: " + Files.readString(said).strip());
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
    return proxy;
  }

  private static boolean isListening(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
      return true;
    } catch (IOException refused) {
      return false;
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  int port() {
    return port;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
