package org.keepaliveagent.ittests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
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
  void theModeIsSwitchedThereAndBackAndOutlivesAReload() throws Exception {
    Path policy = Files.writeString(folder.resolve("p.yaml"), "defaults:\n  keepalive: 4\n");
    String token = "a-token-for-this-test";
    try (Origin origin = Origin.start();
        ForkedProxy proxy =
            ForkedProxy.start(
                folder,
                origin.port(),
                List.of(ForkedProxy.agent("status=0,reload=off,policy=" + policy)),
                Map.of("KEEPALIVE_STATUS_TOKEN", token))) {
      assertEquals(200, send(proxy.address()).statusCode());
      String said = proxy.jvm().awaitErr(line -> line.contains("status page on "));
      URI page = URI.create(said.substring(said.indexOf("http://")));
      assertEquals(403, switchTo(page, "off", "another-token-it-is").statusCode());
      assertEquals(200, switchTo(page, "off", token).statusCode());
      assertEquals(200, send(proxy.address()).statusCode());
      Files.writeString(policy, "defaults:\n  keepalive: 5\n");
      try (ForkedJvm reload =
          ForkedJvm.start(
              List.of(
                  "-jar", Artifacts.AGENT.toString(), "reload", Long.toString(proxy.jvm().pid())),
              Map.of())) {
        assertEquals(0, reload.awaitExit(), reload.err().toString());
      }
      String json = send(page.resolve("status.json")).body();
      assertTrue(json.contains("\"policy\":\"default\",\"mode\":\"off\""), json);
      assertTrue(json.contains("\"what\":\"idle connections\",\"count\":5"), json);
      assertTrue(json.contains("\"requests\":2"), json);
      assertTrue(json.contains("\"text\":\"mode off for every policy\""), json);
      assertTrue(json.contains("\"last_reload\":"), json);
      assertEquals(200, switchTo(page, "enforce", token).statusCode());
      assertEquals(200, send(proxy.address()).statusCode());
      json = send(page.resolve("status.json")).body();
      assertTrue(json.contains("\"policy\":\"default\",\"mode\":\"enforce\""), json);
      assertEquals(1, origin.connections());
    }
  }

  private HttpResponse<String> switchTo(URI page, String mode, String token) throws Exception {
    return client.send(
        HttpRequest.newBuilder(page.resolve("mode"))
            .header("Keepalive-Token", token)
            .POST(HttpRequest.BodyPublishers.ofString(mode))
            .build(),
        HttpResponse.BodyHandlers.ofString());
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
