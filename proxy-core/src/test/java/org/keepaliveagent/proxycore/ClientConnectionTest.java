package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a client's connection, and of the requests that wait on it. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class ClientConnectionTest {
  private final SeenRequests requests = new SeenRequests();

  @Test
  void anOldClientGetsNoChunks() throws Exception {
    try (Origin origin =
            requests.origin("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nab\n1\nc\n0\n\n");
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      client.send("GET / HTTP/1.0\nConnection: keep-alive\n\n");
      Wire.Head head = client.head();
      assertEquals(List.of("connection: close"), head.lines());
      assertEquals("abc", client.rest());
      Wire.Message request = requests.next();
      assertEquals("GET / HTTP/1.1", request.start());
      assertEquals("origins", request.header("Host"));
      assertEquals(1, proxy.parked());
    }
  }

  @Test
  void anOldClientMayKeepItsConnection() throws Exception {
    try (Origin origin = requests.origin(Origin.ok("hi"));
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      for (int i = 0; i < 2; i++) {
        client.send("GET / HTTP/1.0\nHost: h\nConnection: keep-alive\n\n");
        Wire.Message response = client.message();
        assertEquals("keep-alive", response.header("Connection"));
        assertEquals("hi", response.body());
      }
      client.send("GET / HTTP/1.0\nHost: h\n\n");
      assertEquals("hi", client.message().body());
      assertEquals("", client.rest());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.0", "1.1"})
  void aResponseThatEndsWithTheConnectionPasses(String version) throws Exception {
    try (Origin origin =
            Origin.scripted(
                (serial, wire) -> {
                  wire.message();
                  wire.send("HTTP/1.0 200 OK\n\nall of it");
                });
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      client.send("GET / HTTP/" + version + "\nHost: h\n\n");
      if (version.equals("1.1")) {
        assertEquals("all of it", client.message().body());
        assertEquals("HTTP/1.1 200 OK", client.get("/").start());
      } else {
        assertEquals(List.of("connection: close"), client.head().lines());
        assertEquals("all of it", client.rest());
      }
      assertEquals(0, proxy.parked());
    }
  }

  @Test
  void aClientThatWantsToCloseIsClosed() throws Exception {
    try (Origin origin = requests.origin(Origin.ok("bye"));
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      client.send("GET / HTTP/1.1\nHost: h\nConnection: close\n\n");
      assertEquals("bye", client.message().body());
      assertEquals("", client.rest());
      assertEquals("close", requests.next().header("Connection"));
    }
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws Exception {
    try (Origin origin = Origin.answering((serial, request) -> Origin.ok(request.start()));
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      StringBuilder requests = new StringBuilder();
      for (int i = 0; i < 500; i++) {
        requests.append("POST /%d HTTP/1.1\nHost: h\nContent-Length: 3\n\nabc".formatted(i));
      }
      client.send(requests.toString());
      for (int i = 0; i < 500; i++) {
        assertEquals("POST /" + i + " HTTP/1.1", client.message().body());
      }
      assertEquals(1, origin.accepted());
    }
  }

  @Test
  void pipelinedErrorsKeepTheirPlaces() throws Exception {
    try (Origin origin = requests.origin(Origin.ok("found"));
        TestProxy proxy =
            TestProxy.configured(
                "http { server { listen 127.0.0.1:0; location /a { proxy_pass http://127.0.0.1:%d; } } }"
                    .formatted(origin.port()));
        Wire client = proxy.connect()) {
      String get = "GET %s HTTP/1.1\nHost: h\n\n";
      client.send(get.formatted("/b") + get.formatted("/a") + get.formatted("/c") + "HELO\n\n");
      assertEquals("HTTP/1.1 404 Not Found", client.message().start());
      assertEquals("found", client.message().body());
      assertEquals("HTTP/1.1 404 Not Found", client.message().start());
      assertEquals("HTTP/1.1 400 Bad Request", client.message().start());
      assertEquals("", client.rest());
    }
  }

  @Test
  void anErrorPageIsHtml() throws Exception {
    try (TestProxy proxy = TestProxy.configured("http { server { listen 127.0.0.1:0; } }");
        Wire client = proxy.connect()) {
      Wire.Message page = client.get("/");
      assertEquals("text/html", page.header("Content-Type"));
      assertTrue(page.body().contains("<h1>404 Not Found</h1>"), page.body());
      client.send("HEAD / HTTP/1.1\nHost: h\n\n");
      assertEquals("HTTP/1.1 404 Not Found", client.head().start());
      assertEquals("HTTP/1.1 404 Not Found", client.get("/").start());
    }
  }

  @Test
  void anUnreadBodyDoesNotCostTheClientItsAnswer() throws Exception {
    try (TestProxy proxy = TestProxy.configured("http { server { listen 127.0.0.1:0; } }");
        Wire client = proxy.connect()) {
      client.send("POST / HTTP/1.1\nHost: h\nConnection: close\nContent-Length: 1000000\n\n");
      client.out().write(new byte[1_000_000]);
      client.out().flush();
      Wire.Message page = client.message();
      assertEquals("HTTP/1.1 404 Not Found", page.start());
      assertEquals("close", page.header("Connection"));
      assertEquals("", client.rest());
    }
  }

  @Test
  void connectIsNotAllowed() throws Exception {
    try (TestProxy proxy = TestProxy.configured("http { server { listen 127.0.0.1:0; } }");
        Wire client = proxy.connect()) {
      client.send("CONNECT example.org:443 HTTP/1.1\nHost: example.org:443\n\n");
      assertEquals("HTTP/1.1 405 Not Allowed", client.message().start());
      assertEquals("", client.rest());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\nBad Header: 1\n\n",
        "POST / HTTP/1.1\nHost: h\nContent-Length: x\n\n",
        "POST / HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\nzz\n"
      })
  void anUnreadableRequestIsA400(String request) throws Exception {
    try (Origin origin = Origin.counting();
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      client.send(request);
      assertEquals("HTTP/1.1 400 Bad Request", client.message().start());
      assertEquals("", client.rest());
    }
  }
}
