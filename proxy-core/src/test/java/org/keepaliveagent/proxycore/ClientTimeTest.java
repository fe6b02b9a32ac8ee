package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How long a client's connection is kept, and waited for. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class ClientTimeTest {
  private static TestProxy with(String directives) throws Exception {
    return TestProxy.configured(
        "http { %s server { listen 127.0.0.1:0; location / { return 200 x; } } }"
            .formatted(directives));
  }

  @Test
  void anIdleConnectionIsClosedAfterItsTime() throws Exception {
    try (TestProxy proxy = with("keepalive_timeout 100ms 5s;");
        Wire client = proxy.connect()) {
      Wire.Message answer = client.get("/");
      assertEquals("timeout=5", answer.header("Keep-Alive"));
      assertEquals("", answer.header("Connection"));
      assertEquals("", client.rest());
    }
  }

  @Test
  void aConnectionEndsWithItsLastRequest() throws Exception {
    try (TestProxy proxy = with("keepalive_requests 3; keepalive_timeout 75s 5s;");
        Wire client = proxy.connect()) {
      client.get("/");
      assertEquals("", client.get("/").header("Connection"));
      Wire.Message last = client.get("/");
      assertEquals("close", last.header("Connection"));
      assertEquals("", last.header("Keep-Alive"));
      assertEquals("", client.rest());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"keepalive_timeout 0;", "keepalive_requests 0;", "keepalive_time 0;"})
  void aConnectionMayBeForOneRequest(String directive) throws Exception {
    try (TestProxy proxy = with(directive);
        Wire client = proxy.connect()) {
      assertEquals("close", client.get("/").header("Connection"));
      assertEquals("", client.rest());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "GET / HTTP/1.1\nHo",
        "POST / HTTP/1.1\nHost: h\nContent-Length: 5\n\nhel",
        "POST / HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n"
      })
  void aClientThatSendsNothingMoreIsClosedWithoutAnAnswer(String start) throws Exception {
    try (TestProxy proxy = with("client_header_timeout 100ms; client_body_timeout 100ms;");
        Wire client = proxy.connect()) {
      client.send(start);
      assertEquals("", client.rest());
    }
  }

  @Test
  void aClientWhoseUpstreamReadsNothingIsNotToBlame() throws Exception {
    try (Origin origin =
            Origin.scripted(
                (serial, wire) -> {
                  wire.head();
                  Thread.sleep(500); // Much longer than the client may be silent.
                  wire.send(Origin.ok("patient"));
                  wire.rest();
                });
        TestProxy proxy = TestProxy.with("client_body_timeout 50ms;", origin);
        Wire client = proxy.connect()) {
      client.send("POST / HTTP/1.1\nHost: h\nContent-Length: 4\n\nbody");
      assertEquals("patient", client.message().body());
    }
  }

  @Test
  void aClientThatDoesNotReadIsClosed() throws Exception {
    try (TestProxy proxy =
            TestProxy.configured(
                "http { send_timeout 100ms; server { listen 127.0.0.1:0; return 200 '"
                    + "x".repeat(20_000)
                    + "'; } }");
        Wire client = proxy.connect()) {
      askAndDoNotRead(client, 2_000);
      TestProxy.await("the client to be closed", () -> proxy.clientCount() == 0);
    }
  }

  /** What is answered is more than the buffers between here and there hold. */
  private static void askAndDoNotRead(Wire client, int requests) {
    try {
      for (int i = 0; i < requests; i++) {
        client.send("GET / HTTP/1.1\nHost: h\n\n");
      }
    } catch (IOException e) {
      // Closed already.
    }
  }
}
