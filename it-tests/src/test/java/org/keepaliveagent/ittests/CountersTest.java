package org.keepaliveagent.ittests;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keepaliveagent.telemetry.OtlpMetrics;

/** The counters of the real jar, after 100,000 requests, are what the upstream has counted. */
class CountersTest {
  private static final int REQUESTS = 100_000;
  private static final int CLIENTS = 8;
  private static final int KILL_EVERY = 500;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final HttpClient client = HttpClient.newHttpClient();

  @TempDir Path folder;

  @Test
  void theCountersEqualWhatTheUpstreamCounted() throws Exception {
    Path policy =
        Files.writeString(
            folder.resolve("p.yaml"), "defaults:\n  next_upstream: [error]\n  learn: off\n");
    try (CountingUpstream upstream = CountingUpstream.start();
        OtlpMetrics otlp = OtlpMetrics.start();
        ForkedProxy proxy =
            ForkedProxy.start(
                folder,
                upstream.port(),
                List.of(ForkedProxy.agent("status=0,policy=" + policy)),
                Map.of(
                    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
                    otlp.endpoint(),
                    "OTEL_METRIC_EXPORT_INTERVAL",
                    "500"))) {
      String said = proxy.jvm().awaitErr(line -> line.contains("status page on "));
      URI metrics = URI.create(said.substring(said.indexOf("http://")) + "metrics");
      assertEquals(badGateways(proxy), upstream.killedPosts.get(), "clients that got a 502");

      long connections = upstream.connections.get();
      long requests = upstream.requests.get();
      long killed = upstream.killed.get();
      long killedPosts = upstream.killedPosts.get();
      assertEquals(REQUESTS + killed - killedPosts, requests);
      assertTrue(killed - killedPosts > 50 && killedPosts > 50, killed + ", " + killedPosts);
      assertTrue(upstream.askedToClose.get() > 100);

      Prometheus.Samples samples = Prometheus.awaitRest(client, metrics, PATIENCE);
      assertEquals(requests, samples.sum("upstream_requests_total"));
      assertEquals(connections, samples.sum("upstream_connection_created_total"));
      assertEquals(
          samples.sum("upstream_connection_closed_total"),
          samples.sum("http_client_connection_duration_seconds_count"));
      assertEquals(
          killed, samples.sum("upstream_connection_closed_total", "close_reason=\"error\""));
      assertEquals(
          upstream.askedToClose.get(),
          samples.sum("upstream_connection_closed_total", "close_reason=\"peer_asked\""));
      assertEquals(killed, samples.sum("upstream_connection_resets_total", "reused=\"true\""));
      assertEquals(killed, samples.sum("upstream_connection_resets_total"));
      assertEquals(
          killed - killedPosts,
          samples.sum("upstream_request_retries_total", "decision=\"allowed\""));
      assertEquals(
          killedPosts,
          samples.sum("upstream_request_retries_total", "denied_by=\"non_idempotent\""));
      assertEquals(
          requests - connections, samples.sum("upstream_connection_idle_duration_seconds_count"));
      assertEquals(0, samples.sum("http_client_active_requests"));

      // The same over OTLP, in its own words.
      otlp.await(
          values ->
              sum(values, "upstream.requests{") == requests
                  && sum(values, "upstream.connection.created{") == connections
                  && sum(values, "upstream.connection.resets{") == killed
                  && sum(values, "upstream.request.retries{") == killed
                  && sum(values, "upstream.connection.idle.duration{") == requests - connections,
          PATIENCE);
    }
  }

  private static long sum(Map<String, Long> values, String prefix) {
    return values.entrySet().stream()
        .filter(each -> each.getKey().startsWith(prefix))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** Sends all requests; how many were answered by 502. Any other answer but 200 fails. */
  private static long badGateways(ForkedProxy proxy) throws Exception {
    ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    try {
      List<Callable<Long>> all = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        int first = i;
        all.add(() -> send(proxy.address().getPort(), first));
      }
      long failures = 0;
      for (Future<Long> each : clients.invokeAll(all)) {
        failures += each.get();
      }
      return failures;
    } finally {
      clients.shutdownNow();
    }
  }

  /** The requests of one client; a response may end its connection to the proxy. */
  private static long send(int port, int first) throws IOException {
    long failures = 0;
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    try {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      for (int i = first; i < REQUESTS; i += CLIENTS) {
        socket.setSoTimeout((int) PATIENCE.toMillis());
        socket.getOutputStream().write(request(i));
        HttpText response = HttpText.readHead(in);
        if (response == null) {
          throw new IOException("the proxy ended the connection before request " + i);
        }
        in.readNBytes(response.contentLength());
        String status = response.firstLine().split(" ", 3)[1];
        failures += status.equals("502") ? 1 : 0;
        assertTrue(status.equals("200") || status.equals("502"), response.firstLine());
        if (response.header("connection").equals("close")) {
          socket.close();
          socket = new Socket(InetAddress.getLoopbackAddress(), port);
          in = new BufferedInputStream(socket.getInputStream());
        }
      }
    } finally {
      socket.close();
    }
    return failures;
  }

  private static byte[] request(int number) {
    String method = number % 2 == 0 ? "GET" : "POST";
    String die = number % KILL_EVERY <= 1 ? "x-die: " + method + number + "\r\n" : "";
    String head = method + " / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n" + die + "\r\n";
    return head.getBytes(US_ASCII);
  }
}
