package org.keepaliveagent.ittests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code health_check} of the real jar: probes go out, and idle connections of a peer that fails
 * are closed.
 */
class HealthCheckTest {
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @TempDir Path folder;

  @Test
  void aPeerThatFailsItsProbesLosesItsIdleConnectionsUntilItPassesAgain() throws Exception {
    Path policy =
        Files.writeString(
            folder.resolve("policy.yaml"),
            """
            defaults:
              health_check: {uri: /healthz, interval: 50ms, fails: 2, passes: 2}
            """);
    try (Origin origin = Origin.start();
        ForkedProxy proxy =
            ForkedProxy.start(
                folder, origin.port(), List.of(ForkedProxy.agent("policy=" + policy)), Map.of())) {
      assertEquals(200, send(proxy));
      assertEquals(200, send(proxy));
      assertEquals(1, origin.connections());
      origin.healthy(false);
      proxy
          .jvm()
          .awaitErr(
              line ->
                  line.contains("is unhealthy: /healthz failed 2x in a row, last: answered")
                      && line.contains("503"));
      assertEquals(200, send(proxy));
      assertEquals(2, origin.connections());
      origin.healthy(true);
      proxy.jvm().awaitErr(line -> line.contains("is healthy again: /healthz passed 2x"));
      assertEquals(200, send(proxy));
      int connections = origin.connections();
      assertEquals(200, send(proxy));
      assertEquals(connections, origin.connections());
      assertEquals(3, proxy.jvm().err().size(), proxy.jvm().err().toString());
    }
  }

  private int send(ForkedProxy proxy) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(proxy.address()).build();
    return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }
}
