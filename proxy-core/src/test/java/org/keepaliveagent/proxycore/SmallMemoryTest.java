package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A proxy with {@value #HEAP} and {@value #DIRECT} carries bodies that are much larger, and many
 * slow clients. More of both with {@code -Dproxycore.megabytes=1024 -Dproxycore.clients=1000}.
 */
@Timeout(300)
class SmallMemoryTest {
  private static final String HEAP = "-Xmx40m";
  private static final String DIRECT = "-XX:MaxDirectMemorySize=48m";
  private static final long BODY = Integer.getInteger("proxycore.megabytes", 128) * (1L << 20);
  private static final int CLIENTS = Integer.getInteger("proxycore.clients", 200);
  private static final int SLOW_BODY = 256 << 10;

  @TempDir private Path dir;

  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void end() throws InterruptedException {
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
  }

  private InetSocketAddress start(Origin origin, String directives) throws IOException {
    Path file = dir.resolve("nginx.conf");
    Files.writeString(
        file,
        "http { client_max_body_size 0; %s server { listen 127.0.0.1:0; location / { proxy_pass http://127.0.0.1:%d; } } }"
            .formatted(directives, origin.port()));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(HEAP, DIRECT, "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(ProxyCore.class.getName(), "-p", dir.toString(), "-c", "nginx.conf"));
    Process process =
        new ProcessBuilder(command).redirectError(dir.resolve("stderr").toFile()).start();
    processes.add(process);
    BufferedReader said = process.inputReader();
    String ready = String.valueOf(said.readLine());
    assertTrue(ready.startsWith("proxy-core ready on 127.0.0.1:"), ready);
    int port = Integer.parseInt(ready.substring(ready.lastIndexOf(':') + 1));
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private static void send(OutputStream out, long length) throws IOException {
    byte[] block = new byte[1 << 16];
    for (long left = length; left > 0; left -= block.length) {
      out.write(block, 0, (int) Math.min(left, block.length));
    }
    out.flush();
  }

  private static long receive(InputStream in, long length) throws IOException {
    byte[] block = new byte[1 << 16];
    long received = 0;
    while (received < length) {
      int n = in.read(block, 0, (int) Math.min(block.length, length - received));
      if (n < 0) {
        break;
      }
      received += n;
    }
    return received;
  }

  @ParameterizedTest
  @ValueSource(strings = {"on", "off"})
  void aLargeBodyPassesEachWay(String buffering) throws Exception {
    try (Origin origin =
        Origin.scripted(
            (serial, wire) -> {
              wire.head();
              long received = receive(wire.in(), BODY);
              wire.send("HTTP/1.1 200 OK\nX-Received: " + received + "\nContent-Length: " + BODY);
              wire.send("\n\n");
              send(wire.out(), BODY);
              wire.rest();
            })) {
      InetSocketAddress proxy =
          start(
              origin,
              "proxy_buffering %s; proxy_request_buffering %s;".formatted(buffering, buffering));
      try (Wire client = Wire.connect(proxy)) {
        client.send("PUT / HTTP/1.1\nHost: h\nContent-Length: " + BODY + "\n\n");
        send(client.out(), BODY);
        assertEquals(String.valueOf(BODY), client.head().header("X-Received"));
        assertEquals(BODY, receive(client.in(), BODY));
      }
    }
  }

  /** The body for one client. */
  private static byte[] body(int client) {
    byte[] body = new byte[SLOW_BODY];
    for (int i = 0; i < SLOW_BODY; i++) {
      body[i] = (byte) (i * 31 + client);
    }
    return body;
  }

  @Test
  void everySlowClientGetsItsOwnAnswer() throws Exception {
    AtomicInteger answered = new AtomicInteger();
    List<Wire> clients = new ArrayList<>();
    try (Origin origin =
        Origin.scripted(
            (serial, wire) -> {
              while (true) {
                String start = wire.message().start();
                String number = start.substring("GET /".length(), start.lastIndexOf(' '));
                byte[] body = body(Integer.parseInt(number));
                wire.send("HTTP/1.1 200 OK\nContent-Length: " + SLOW_BODY + "\n\n");
                wire.out().write(body);
                wire.out().flush();
                answered.incrementAndGet();
              }
            })) {
      InetSocketAddress proxy = start(origin, "");
      for (int i = 0; i < CLIENTS; i++) {
        Wire client = Wire.connect(proxy);
        clients.add(client);
        client.send("GET /" + i + " HTTP/1.1\nHost: h\n\n");
      }
      // None of them has read anything.
      TestProxy.await("every upstream to be done", () -> answered.get() == CLIENTS);
      for (int i = 0; i < CLIENTS; i++) {
        clients.get(i).head();
        assertArrayEquals(body(i), clients.get(i).in().readNBytes(SLOW_BODY));
      }
    } finally {
      for (Wire client : clients) {
        client.close();
      }
    }
  }
}
