package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Requests whose end may be read in two ways reach no upstream as two requests, and are told as
 * bad; the marks in them are those of {@link Wire#sendRaw}.
 */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class DesyncTest {
  private static final String INNER = "GET /smuggled HTTP/1.1\nHost: h\n\n";
  private static final String POST = "POST /outer HTTP/1.1\nHost: h\n";

  /** Heads that are refused; a request to be smuggled follows each. */
  static final List<String> REFUSED_HEADS =
      List.of(
          // Lengths.
          POST + "Content-Length: 5\nContent-Length: 5\n\nhello",
          POST + "Content-Length: 5\nContent-Length: 0\n\nhello",
          POST + "Content-Length: 0\nX: y\nContent-Length: 5\n\nhello",
          POST + "Content-Length: 5, 5\n\nhello",
          POST + "Content-Length: 0, 5\n\nhello",
          POST + "Content-Length: +5\n\nhello",
          POST + "Content-Length: -5\n\nhello",
          POST + "Content-Length: 0x5\n\nhello",
          POST + "Content-Length: 5 5\n\nhello",
          POST + "Content-Length: 5;\n\nhello",
          POST + "Content-Length: 5.0\n\nhello",
          POST + "Content-Length: \"5\"\n\nhello",
          POST + "Content-Length:\n\nhello",
          POST + "Content-Length: 18446744073709551621\n\nhello",
          POST + "Content-Length: 5␀\n\nhello",
          POST + "Content-Length : 5\n\nhello",
          POST + "Content-Length\t: 5\n\nhello",
          // Lengths and chunks.
          POST + "Content-Length: 5\nTransfer-Encoding: chunked\n\n0\n\n",
          POST + "Transfer-Encoding: chunked\nContent-Length: 5\n\n0\n\n",
          POST + "Content-Length: 0\nTransfer-Encoding: identity\n\n",
          POST + "Content-Length: 5\nTransfer-Encoding: xchunked\n\n0\n\n",
          // Transfer-Encoding.
          POST + "Transfer-Encoding: chunked\nTransfer-Encoding: chunked\n\n0\n\n",
          POST + "Transfer-Encoding: chunked\nTransfer-Encoding: identity\n\n0\n\n",
          POST + "Transfer-Encoding: identity\nTransfer-Encoding: chunked\n\n0\n\n",
          POST + "Transfer-Encoding: chunked, chunked\n\n0\n\n",
          POST + "Transfer-Encoding: chunked, identity\n\n0\n\n",
          POST + "Transfer-Encoding: identity, chunked\n\n0\n\n",
          POST + "Transfer-Encoding: gzip, chunked\n\n0\n\n",
          POST + "Transfer-Encoding: identity\n\n",
          POST + "Transfer-Encoding: gzip\n\n0\n\n",
          POST + "Transfer-Encoding: xchunked\n\n0\n\n",
          POST + "Transfer-Encoding: chunkedx\n\n0\n\n",
          POST + "Transfer-Encoding: \"chunked\"\n\n0\n\n",
          POST + "Transfer-Encoding: chunked;q=1\n\n0\n\n",
          POST + "Transfer-Encoding: ,chunked\n\n0\n\n",
          POST + "Transfer-Encoding:\n\n0\n\n",
          POST + "Transfer-Encoding : chunked\n\n0\n\n",
          POST + "Transfer-Encoding: \u000bchunked\n\n0\n\n",
          POST + "Transfer-Encoding: chunked␀\n\n0\n\n",
          "POST /outer HTTP/1.0\nHost: h\nTransfer-Encoding: chunked\n\n0\n\n",
          // Folded lines.
          POST + "Transfer-Encoding:\n chunked\n\n0\n\n",
          POST + "Content-Length: 5\n\tX: y\n\nhello",
          POST + "X: y\n Content-Length: 5\n\nhello",
          POST + "X: y\n\tTransfer-Encoding: chunked\n\n0\n\n",
          "POST /outer HTTP/1.1\n Host: h\n\n",
          // Ends of lines.
          POST + "X: y␊Transfer-Encoding: chunked\n\n0\n\n",
          POST + "X: y␍Transfer-Encoding: chunked\n\n0\n\n",
          POST + "Content-Length: 5␍\n\nhello",
          POST + "Transfer-Encoding: chunked␍\n\n0\n\n",
          POST + "X: y␊␊",
          POST + "X: y␍␍",
          POST + "␊",
          "GET /outer HTTP/1.1␊Host: h␊␊",
          // Names.
          POST + "X: y␀z\n\n",
          POST + "X␀: y\n\n",
          POST + "X Y: z\n\n",
          POST + ": y\n\n",
          POST + "X\n\n",
          POST + "X: y\u007f\n\n",
          POST + "(X): y\n\n",
          // Hosts.
          "GET /outer HTTP/1.1\n\n",
          "GET /outer HTTP/1.1\nHost: h\nHost: i\n\n",
          "GET /outer HTTP/1.1\nHost : h\n\n",
          // What a header of the connection would take away behind us.
          POST + "Connection: content-length\nContent-Length: 5\n\nhello",
          POST + "Connection: close, Transfer-Encoding\nTransfer-Encoding: chunked\n\n0\n\n",
          POST + "Connection: close\nConnection: x,host\n\n",
          // The body that only Netty knows.
          "GET /outer HTTP/1.1\nHost: h\nSec-WebSocket-Key1: 1\nSec-WebSocket-Key2: 2\n\nGET /smu",
          // Request lines.
          "GET  /outer HTTP/1.1\nHost: h\n\n",
          "GET\t/outer HTTP/1.1\nHost: h\n\n",
          "GET /outer\tHTTP/1.1\nHost: h\n\n",
          "GET /outer HTTP/1.1 \nHost: h\n\n",
          " GET /outer HTTP/1.1\nHost: h\n\n",
          "GET /outer x HTTP/1.1\nHost: h\n\n",
          "GET /outer␍HTTP/1.1\nHost: h\n\n",
          "GET /outer␊HTTP/1.1\nHost: h\n\n",
          "GET /out␀er HTTP/1.1\nHost: h\n\n",
          "G␀ET /outer HTTP/1.1\nHost: h\n\n",
          "G(T /outer HTTP/1.1\nHost: h\n\n",
          "GET /outer\n\n",
          "GET /outer http/1.1\nHost: h\n\n",
          "GET /outer HTTP/1.2\nHost: h\n\n",
          "GET /outer HTTP/2.0\nHost: h\n\n",
          "GET /outer HTTP/01.1\nHost: h\n\n",
          "GET /" + "x".repeat(20_000));

  /** Chunked bodies that are refused. */
  static final List<String> REFUSED_CHUNKS =
      List.of(
          "5;a=b\nhello\n0\n\n",
          "5;a\nhello\n0\n\n",
          "5;a=\"\n0\n\n",
          "5;a␊hello\n0\n\n",
          "5;a␍hello\n0\n\n",
          "5 \nhello\n0\n\n",
          " 5\nhello\n0\n\n",
          "5\t\nhello\n0\n\n",
          "5 5\nhello\n0\n\n",
          "5␀\nhello\n0\n\n",
          "5␍\nhello\n0\n\n",
          "5␍x\nhello\n0\n\n",
          "0x5\nhello\n0\n\n",
          "+5\nhello\n0\n\n",
          "-5\nhello\n0\n\n",
          "g\nhello\n0\n\n",
          "\nhello\n0\n\n",
          "5␊hello\n0\n\n",
          "80000000\nhello\n0\n\n",
          "100000000\nhello\n0\n\n",
          "100000005\nhello\n0\n\n",
          "10000000000000005\nhello\n0\n\n",
          "ffffffffffffffff\nhello\n0\n\n",
          "0000000000000005\nhello\n0\n\n",
          "5\nhello5\nhello\n0\n\n",
          "5\nhello!\n0\n\n",
          "5\nhello␊0\n\n",
          "5\nhello␍0\n\n",
          "5\nhello0\n\n",
          "5\nhello\n0 \n\n",
          "0␊␊",
          "0\nContent-Length: 5\n\nhello",
          "0\nTransfer-Encoding: chunked\n\n0\n\n",
          "0\nHost: i\n\n",
          "0\nX: y\n z\n\n",
          "0\nX: y␊\n",
          "0\nX: y␍z\n\n",
          "0\nX : y\n\n",
          "0\nX␀: y\n\n",
          "0\nno header\n\n");

  /** What looks like two requests and is one. */
  static final List<String> ONE_REQUEST =
      List.of(
          "POST /outer HTTP/1.1\nHost: h\nContent-Length: 35\n\n" + INNER,
          "GET /outer HTTP/1.1\nHost: h\nContent-Length: 35\n\n" + INNER,
          "DELETE /outer HTTP/1.1\nHost: h\nContent-Length: 00035\n\n" + INNER,
          "OPTIONS /outer HTTP/1.1\nHost: h\nContent-Length: 35 \t\n\n" + INNER,
          "GET /outer HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n23\n" + INNER + "\n0\n\n",
          POST + "Transfer-Encoding: CHUNKED\n\n0023\n" + INNER + "\n0\n\n",
          POST + "Connection: x\nX: y\nContent-Length: 35\n\n" + INNER,
          POST + "X-Transfer-Encoding: chunked\nContent-Length: 35\n\n" + INNER,
          POST + "Transfer_Encoding: chunked\nContent-Length: 35\n\n" + INNER,
          "\n\n" + POST + "Content-Length: 35\n\n" + INNER,
          "GET http://h/outer HTTP/1.1\nHost: h\nContent-Length: 35\n\n" + INNER,
          "GET /outer HTTP/1.0\nConnection: keep-alive\nContent-Length: 35\n\n" + INNER);

  private final Queue<String> seen = new ConcurrentLinkedQueue<>();

  /** Notes the target of each request as soon as its head is there, and answers with it. */
  private Origin origin() throws IOException {
    return Origin.scripted(
        (serial, wire) -> {
          while (true) {
            Wire.Head head = wire.head();
            String target = head.start().split(" ", 3)[1];
            seen.add(target);
            wire.body(head);
            wire.send(Origin.ok(target));
          }
        });
  }

  @ParameterizedTest
  @FieldSource("REFUSED_HEADS")
  void aHeadThatMayBeReadInTwoWaysGoesNowhere(String request) throws Exception {
    try (Origin origin = origin();
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect();
        Wire victim = proxy.connect()) {
      assertEquals("/before", client.get("/before").body());
      client.sendRaw(request + INNER);
      assertIsRefused(client);
      assertEquals("/victim", victim.get("/victim").body());
      assertEquals(List.of("/before", "/victim"), List.copyOf(seen));
    }
  }

  @ParameterizedTest
  @FieldSource("REFUSED_CHUNKS")
  void aBodyThatMayBeReadInTwoWaysEndsTheRequest(String chunks) throws Exception {
    try (Origin origin = origin();
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect();
        Wire victim = proxy.connect()) {
      client.sendRaw(POST + "Transfer-Encoding: chunked\n\n" + chunks + INNER);
      assertIsRefused(client);
      assertEquals("/victim", victim.get("/victim").body());
      seen.remove("/outer"); // Its head may have passed before the rest was seen.
      assertEquals(List.of("/victim"), List.copyOf(seen));
      assertEquals(1, proxy.open());
    }
  }

  private static void assertIsRefused(Wire client) throws IOException {
    Wire.Message answer = client.message();
    assertEquals("HTTP/1.1 400 Bad Request", answer.start());
    assertEquals("close", answer.header("Connection"));
    assertEquals("", client.rest());
  }

  @ParameterizedTest
  @FieldSource("ONE_REQUEST")
  void aRequestWithinABodyStaysThere(String request) throws Exception {
    try (Origin origin = origin();
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect();
        Wire victim = proxy.connect()) {
      client.sendRaw(request);
      assertEquals("/outer", client.message().body());
      assertEquals("/next", client.get("/next").body());
      assertEquals("/victim", victim.get("/victim").body());
      assertEquals(List.of("/outer", "/next", "/victim"), List.copyOf(seen));
    }
  }

  @Test
  void aRequestThatComesByteByByteIsReadAsOne() throws Exception {
    try (Origin origin = origin();
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      for (char c : (POST + "Transfer-Encoding: chunked\n\n5\nhello\n0\n\n").toCharArray()) {
        client.sendRaw(String.valueOf(c));
      }
      assertEquals("/outer", client.message().body());
      assertEquals("/next", client.get("/next").body());
    }
  }

  @ParameterizedTest
  @CsvSource({"true, 200 OK", "false, 400 Bad Request"})
  void aBareLfEndsALineOnlyWhereThatIsAskedFor(boolean allowed, String status) throws Exception {
    try (Origin origin = origin();
        TestProxy proxy = TestProxy.configured(config(origin, allowed));
        Wire client = proxy.connect()) {
      client.sendRaw("GET /lf HTTP/1.1␊Host: h␊␊");
      assertEquals("HTTP/1.1 " + status, client.message().start());
    }
  }

  @Test
  void aBareLfNeverEndsALineOfChunks() throws Exception {
    try (Origin origin = origin();
        TestProxy proxy = TestProxy.configured(config(origin, true));
        Wire client = proxy.connect()) {
      client.sendRaw("POST /lf HTTP/1.1␊Host: h␊Transfer-Encoding: chunked␊␊5␊hello\n0\n\n");
      assertIsRefused(client);
    }
  }

  private static ProxyConfig config(Origin origin, boolean bareLf) throws ConfigException {
    String text =
        "http { server { listen 127.0.0.1:0; location / { proxy_pass http://127.0.0.1:%d; } } }";
    ProxyConfig config = ProxyConfig.parse("nginx.conf", text.formatted(origin.port()));
    return bareLf ? config.allowingBareLf() : config;
  }
}
