package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
@Timeout(60)
class ForwardingTest {
  private final SeenRequests requests = new SeenRequests();

  @Test
  void aGetPassesAsItIs() throws Exception {
    try (Origin origin = requests.origin("HTTP/1.1 203 Fine\nContent-Length: 2\nX-Up: 1\n\nhi");
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      client.send("GET /a/b?c=%20d HTTP/1.1\nHost: example.org\nX-Down: 2\n\n");
      Wire.Message response = client.message();

      assertEquals(
          new Wire.Head("GET /a/b?c=%20d HTTP/1.1", List.of("Host: origins", "X-Down: 2")),
          requests.next().head());
      assertEquals("HTTP/1.1 203 Fine", response.start());
      assertEquals(List.of("Content-Length: 2", "X-Up: 1"), response.head().lines());
      assertEquals("hi", response.body());
    }
  }

  @Test
  void hopByHopHeadersPassBothWays() throws Exception {
    String answer =
        "HTTP/1.1 200 OK\nConnection: X-Hop\nX-Hop: 1\nKeep-Alive: timeout=5\nContent-Length: 0\n\n";
    List<String> request =
        List.of("Host: origins", "Connection: keep-alive, X-Mine", "X-Mine: 1", "TE: trailers");
    try (Origin origin = requests.origin(answer);
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      client.send("GET / HTTP/1.1\n" + String.join("\n", request) + "\n\n");

      assertEquals(
          List.of("Connection: X-Hop", "X-Hop: 1", "Keep-Alive: timeout=5", "Content-Length: 0"),
          client.message().head().lines());
      assertEquals(request, requests.next().head().lines());
    }
  }

  @Test
  void aBodyWithALengthPasses() throws Exception {
    try (Origin origin = requests.origin(Origin.ok("yes"));
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      client.send("POST /p HTTP/1.1\nHost: h\nContent-Length: 5\n\nhello");

      assertEquals("yes", client.message().body());
      Wire.Message request = requests.next();
      assertEquals("hello", request.body());
      assertEquals("5", request.header("Content-Length"));
    }
  }

  @Test
  void chunksPassBothWaysAsTheyCome() throws Exception {
    BlockingQueue<String> chunks = new ArrayBlockingQueue<>(10);
    try (Origin origin =
            Origin.scripted(
                (serial, wire) -> {
                  wire.head();
                  wire.send("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n");
                  for (String chunk = wire.chunk(); !chunk.isEmpty(); chunk = wire.chunk()) {
                    chunks.add(chunk);
                    wire.send("1\n" + chunk.charAt(0) + "\n");
                  }
                  wire.send("0\n\n");
                  wire.message();
                });
        TestProxy proxy = TestProxy.with("proxy_request_buffering off;", origin);
        Wire client = proxy.connect()) {
      // Each chunk is answered before the next is sent: nothing may be held back.
      client.send("POST / HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n");
      assertEquals("chunked", client.head().header("Transfer-Encoding"));
      client.send("3\nabc\n");
      assertEquals("a", client.chunk());
      client.send("2\nde\n");
      assertEquals("d", client.chunk());
      client.send("0\n\n");
      assertEquals("", client.chunk());
      assertEquals(List.of("abc", "de"), List.copyOf(chunks));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "HEAD, HTTP/1.1 200 OK|Content-Length: 1000||",
    "HEAD, HTTP/1.1 200 OK||",
    "GET, HTTP/1.1 204 No Content||",
    "GET, HTTP/1.1 304 Not Modified|Content-Length: 7||",
    "GET, HTTP/1.1 304 Not Modified||",
    "GET, HTTP/1.1 200 OK|Content-Length: 0||"
  })
  void aResponseWithoutABodyEndsWithItsHead(String method, String answer) throws Exception {
    try (Origin origin = requests.origin(answer.replace('|', '\n'));
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      for (int i = 0; i < 2; i++) {
        client.send(method + " / HTTP/1.1\nHost: h\n\n");
        Wire.Head head = client.head();
        String[] lines = answer.split("\\|");
        assertEquals(lines[0], head.start());
        assertEquals(List.of(lines).subList(1, lines.length), head.lines());
      }
      assertEquals(1, origin.accepted());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"on", "off"})
  void continueIsSaidHere(String buffering) throws Exception {
    try (Origin origin =
            Origin.scripted(
                (serial, wire) -> {
                  Wire.Message request = wire.message();
                  String answer = request.header("Expect") + request.body();
                  wire.send("HTTP/1.1 103 Early Hints\nLink: </x>\n\n" + Origin.ok(answer));
                  wire.message();
                });
        TestProxy proxy = TestProxy.with("proxy_request_buffering " + buffering + ";", origin);
        Wire client = proxy.connect()) {
      client.send("PUT / HTTP/1.1\nHost: h\nExpect: 100-continue\nContent-Length: 4\n\n");
      assertEquals("HTTP/1.1 100 Continue", client.head().start());
      client.send("body");
      assertEquals(new Wire.Head("HTTP/1.1 103 Early Hints", List.of("Link: </x>")), client.head());
      assertEquals("body", client.message().body());
      assertEquals(1, proxy.parked());
    }
  }

  @Test
  void aRefusalBeforeTheBodyEndsTheConnections() throws Exception {
    try (Origin origin =
            Origin.scripted(
                (serial, wire) -> {
                  wire.head();
                  wire.send("HTTP/1.1 417 No\nContent-Length: 2\n\nno");
                  wire.rest();
                });
        TestProxy proxy = TestProxy.with("proxy_request_buffering off;", origin);
        Wire client = proxy.connect()) {
      client.send("POST / HTTP/1.1\nHost: h\nExpect: 100-continue\nContent-Length: 4\n\n");
      assertEquals("HTTP/1.1 100 Continue", client.head().start());
      assertEquals("no", client.message().body());
      assertEquals("", client.rest());
      assertEquals(0, proxy.parked());
    }
  }
}
