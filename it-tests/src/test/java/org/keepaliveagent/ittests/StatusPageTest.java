package org.keepaliveagent.ittests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The status page of the real jar. */
class StatusPageTest {
  private static final int REQUESTS = 20;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @TempDir Path folder;

  @Test
  void itShowsWhatTheUpstreamCounted() throws Exception {
    try (Origin origin = Origin.start();
        ForkedProxy proxy =
            ForkedProxy.start(
                folder, origin.port(), List.of(ForkedProxy.agent("status=0")), Map.of())) {
      for (int i = 0; i < REQUESTS; i++) {
        assertEquals(200, send(proxy.address()).statusCode());
      }
      String said = proxy.jvm().awaitErr(line -> line.contains("status page on "));
      URI page = URI.create(said.substring(said.indexOf("http://")));
      String json = send(page.resolve("status.json")).body();
      assertTrue(json.contains("\"url\":\"http://127.0.0.1:" + origin.port() + "\""), json);
      assertTrue(json.contains("\"opened\":" + origin.connections() + ","), json);
      assertTrue(json.contains("\"reused\":" + (REQUESTS - origin.connections())), json);
      String metrics = send(page.resolve("metrics")).body();
      String labels =
          "{server_address=\"127.0.0.1\",server_port=\""
              + origin.port()
              + "\",url_scheme=\"http\",library=\"proxy-core\"";
      assertTrue(
          metrics.contains(
              "upstream_connection_created_total" + labels + "} " + origin.connections() + "\n"),
          metrics);
      assertTrue(send(page).body().contains("<title>Keepalive Agent</title>"));
    }
  }

  @Test
  void anAddressThatIsTakenIsSaidAndTheProxyRuns() throws Exception {
    try (Origin origin = Origin.start();
        ForkedProxy proxy =
            ForkedProxy.start(
                folder,
                origin.port(),
                List.of(ForkedProxy.agent("status=127.0.0.1:" + origin.port())),
                Map.of())) {
      assertEquals(200, send(proxy.address()).statusCode());
      proxy.jvm().awaitErr(line -> line.contains("no status page: /127.0.0.1:" + origin.port()));
    }
  }

  private HttpResponse<String> send(URI to) throws Exception {
    return client.send(HttpRequest.newBuilder(to).build(), HttpResponse.BodyHandlers.ofString());
  }
}
