package org.keepaliveagent.ittests;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A backend for spans that is broken in any way: requests are answered as fast as where nothing is
 * exported, both measured in turns, and the agent says what is lost once, not for every batch.
 */
class ExportFaultsTest {
  private static final int ROUNDS = 20;
  private static final int BATCH = 25;

  enum Fault {
    DOWN("http"),
    SLOW("http"),
    HUNG("http"),
    TLS_BROKEN("https");

    private final String scheme;

    Fault(String scheme) {
      this.scheme = scheme;
    }
  }

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(Fault.class)
  void theApplicationDoesNotNotice(Fault fault) throws Exception {
    try (Backend backend = new Backend(fault);
        Origin origin = Origin.start();
        ForkedProxy without =
            ForkedProxy.start(
                folder, origin.port(), List.of(ForkedProxy.agent("telemetry=off")), Map.of());
        ForkedProxy with =
            ForkedProxy.start(
                folder,
                origin.port(),
                List.of(ForkedProxy.agent("")),
                Map.of(
                    "OTEL_EXPORTER_OTLP_ENDPOINT",
                    backend.endpoint(),
                    "OTEL_BSP_SCHEDULE_DELAY",
                    "20"))) {
      long[] plain = new long[ROUNDS * BATCH];
      long[] exporting = new long[ROUNDS * BATCH];
      for (int round = 0; round < ROUNDS; round++) {
        measure(without, plain, round * BATCH);
        measure(with, exporting, round * BATCH);
      }
      double ratio = (double) median(exporting) / median(plain);
      assertTrue(ratio < 2, () -> "with a backend that is " + fault + " × " + ratio);
      List<String> said =
          with.jvm().err().stream().filter(line -> line.contains("spans are lost")).toList();
      assertTrue(said.size() <= 1, said::toString);
    }
  }

  private void measure(ForkedProxy proxy, long[] nanos, int from) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(proxy.address()).build();
    for (int i = from; i < from + BATCH; i++) {
      long before = System.nanoTime();
      HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
      nanos[i] = System.nanoTime() - before;
      assertEquals(200, response.statusCode());
      assertEquals("ok", response.body());
    }
  }

  private static long median(long[] nanos) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** Takes connections and does what its fault is. */
  private static final class Backend implements AutoCloseable {
    private final Fault fault;
    private final ServerSocket listener;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    Backend(Fault fault) throws IOException {
      this.fault = fault;
      listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      if (fault == Fault.DOWN) {
        listener.close();
      } else {
        Thread thread = new Thread(this::serve, "broken-backend");
        thread.setDaemon(true);
        thread.start();
      }
    }

    String endpoint() {
      return fault.scheme + "://127.0.0.1:" + listener.getLocalPort();
    }

    private void serve() {
      try {
        while (true) {
          Socket socket = listener.accept();
          sockets.add(socket);
          if (fault == Fault.TLS_BROKEN) {
            socket.getOutputStream().write("this is no TLS\n".getBytes(US_ASCII));
            socket.close();
          } else if (fault == Fault.SLOW) {
            drip(socket);
          }
        }
      } catch (IOException | InterruptedException end) {
        // closed, or the client went first
      }
    }

    /** Reads what is there and answers two seconds later, that it is overloaded. */
    private static void drip(Socket socket) throws IOException, InterruptedException {
      InputStream in = socket.getInputStream();
      in.read(new byte[65536]);
      TimeUnit.SECONDS.sleep(2);
      socket
          .getOutputStream()
          .write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".getBytes(US_ASCII));
      socket.close();
    }

    @Override
    public void close() throws IOException {
      listener.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }
}
