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

  @Test
  void ofTwoPeersTheOneThatFailsItsProbesGetsNoRequestsUntilItPassesAgain() throws Exception {
    Path policy =
        Files.writeString(
            folder.resolve("policy.yaml"),
            """
            defaults:
              health_check: {uri: /healthz, interval: 50ms, fails: 2, passes: 2}
            """);
    try (Origin one = Origin.start();
        Origin other = Origin.start();
        ForkedProxy proxy = inFrontOf(one, other, ForkedProxy.agent("policy=" + policy))) {
      assertShares(proxy, one, 2, other, 2);
      one.healthy(false);
      proxy.jvm().awaitErr(line -> line.contains("is unhealthy"));
      assertShares(proxy, one, 0, other, 4);
      one.healthy(true);
      proxy.jvm().awaitErr(line -> line.contains("is healthy again"));
      assertShares(proxy, one, 2, other, 2);
    }
  }

  private ForkedProxy inFrontOf(Origin one, Origin other, String agent) throws Exception {
    Path configuration =
        Files.writeString(
            folder.resolve("two.conf"),
            """
            events {}
            http {
              upstream two { server 127.0.0.1:%d; server 127.0.0.1:%d; }
              server { listen 127.0.0.1:0; location / { proxy_pass http://two; } }
            }
            """
                .formatted(one.port(), other.port()));
    return ForkedProxy.start(
        List.of(agent, "-jar", Artifacts.PROXY.toString(), "-c", configuration.toString()),
        "proxy-core ready on ",
        Map.of());
  }

  /** Sends four requests, and looks who got how many. */
  private void assertShares(ForkedProxy proxy, Origin one, int ofOne, Origin other, int ofOther)
      throws Exception {
    int oneBefore = one.requests();
    int otherBefore = other.requests();
    for (int i = 0; i < 4; i++) {
      assertEquals(200, send(proxy));
    }
    assertEquals(ofOne, one.requests() - oneBefore);
    assertEquals(ofOther, other.requests() - otherBefore);
  }

  private int send(ForkedProxy proxy) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(proxy.address()).build();
    return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }
}
