package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What {@code stub_status} tells. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class StubStatusTest {
  private static final String CONFIGURATION =
      """
      worker_processes 2;
      events { }
      http { server {
        listen 127.0.0.1:PORT;
        location /status { stub_status; }
        location / { return 200 x; }
      } }
      """;

  private static void expect(String what, Wire status, String text) throws Exception {
    TestProxy.await(
        what,
        () ->
            status.get("/status").body().replaceAll(" \\d+ (\\d+) \\d+ \n", " $1 \n").equals(text));
  }

  private static String text(int active, int accepted, int reading, int waiting) {
    return "Active connections: %d \nserver accepts handled requests\n %d \nReading: %d Writing: 1 Waiting: %d \n"
        .formatted(active, accepted, reading, waiting);
  }

  private static void tell(Wire status, Wire other, int before) throws Exception {
    expect("an idle connection", status, text(2, before + 2, 0, 1));
    other.send("GET / HTTP/1.1\n");
    expect("one that is read", status, text(2, before + 2, 1, 0));
    other.send("Host: h\n\n");
    assertEquals("x", other.message().body());
    expect("an idle connection again", status, text(2, before + 2, 0, 1));
    other.close();
    expect("none besides", status, text(1, before + 2, 0, 0));
  }

  private static ProxyConfig config() throws ConfigException {
    return ProxyConfig.parse("nginx.conf", CONFIGURATION.replace("PORT", "0"));
  }

  @Test
  void connectionsAreCountedByWhatTheyDo() throws Exception {
    try (TestProxy proxy = TestProxy.configured(config());
        Wire status = proxy.connect();
        Wire other = proxy.connect()) {
      tell(status, other, 0);
    }
  }

  @Test
  void nginxCountsThemSo(@TempDir Path folder) throws Exception {
    try (RealNginx nginx = RealNginx.start(folder, CONFIGURATION);
        Wire status = Wire.connect(nginx.address());
        Wire other = Wire.connect(nginx.address())) {
      String accepted =
          status.get("/status").body().lines().toList().get(2).strip().split(" ", -1)[0];
      tell(status, other, Integer.parseInt(accepted) - 2);
    }
  }

  @Test
  void requestsAreCountedOverAReload() throws Exception {
    try (TestProxy proxy = TestProxy.configured(config());
        Wire first = proxy.connect()) {
      first.get("/");
      assertEquals(" 1 1 2 ", first.get("/status").body().lines().toList().get(2));
      proxy.reload(config());
      assertEquals("", first.rest());
      try (Wire second = proxy.connect()) {
        assertEquals(" 2 2 3 ", second.get("/status").body().lines().toList().get(2));
        second.send("POST /status HTTP/1.1\nHost: h\n\n");
        assertEquals("HTTP/1.1 405 Not Allowed", second.message().start());
        second.send("HEAD /status HTTP/1.1\nHost: h\n\n");
        assertEquals("text/plain", second.head().header("Content-Type"));
      }
    }
  }
}
