package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
@Timeout(60)
class FailureTest {
  private static final String BAD_GATEWAY = "HTTP/1.1 502 Bad Gateway";
  private static final String GATEWAY_TIMEOUT = "HTTP/1.1 504 Gateway Time-out";

  private final CountDownLatch ended = new CountDownLatch(1);

  private static String proxyTo(int port) {
    return "http { server { listen 127.0.0.1:0; proxy_connect_timeout 100ms; location / { proxy_pass http://127.0.0.1:%d; } } }"
        .formatted(port);
  }

  @Test
  void aRefusedConnectionIsA502AndTheClientStays() throws Exception {
    try (ClosedPort closed = new ClosedPort();
        TestProxy proxy = TestProxy.configured(proxyTo(closed.number()));
        Wire client = proxy.connect()) {
      assertEquals(BAD_GATEWAY, client.get("/").start());
      assertEquals(BAD_GATEWAY, client.get("/").start());
      client.send("POST / HTTP/1.1\nHost: h\nContent-Length: 4\n\nbody");
      assertEquals(BAD_GATEWAY, client.message().start());
    }
  }

  @Test
  void aConnectionThatDoesNotComeAboutIsA504() throws Exception {
    List<Socket> backlog = new ArrayList<>();
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThrows(
          SocketTimeoutException.class,
          () -> {
            while (true) {
              Socket socket = new Socket();
              backlog.add(socket);
              socket.connect(
                  new InetSocketAddress(full.getInetAddress(), full.getLocalPort()), 100);
            }
          });
      try (TestProxy proxy = TestProxy.configured(proxyTo(full.getLocalPort()));
          Wire client = proxy.connect()) {
        assertEquals(GATEWAY_TIMEOUT, client.get("/").start());
      }
    } finally {
      for (Socket socket : backlog) {
        socket.close();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "HTTP/1.1", "HTTP/1.1 200 OK\n", "HTTP/1.1 200 OK\nContent-Le"})
  void anEndBeforeTheWholeHeadIsA502(String start) throws Exception {
    try (Origin origin =
            Origin.scripted(
                (serial, wire) -> {
                  wire.message();
                  wire.send(start);
                });
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      assertEquals(BAD_GATEWAY, client.get("/").start());
      assertEquals(BAD_GATEWAY, client.get("/").start());
      assertEquals(2, origin.accepted());
      assertEquals(0, proxy.open());
    }
  }

  @Test
  void aResetBeforeTheHeadIsA502() throws Exception {
    try (Origin origin =
            Origin.scripted(
                (serial, wire) -> {
                  wire.message();
                  wire.reset();
                });
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      assertEquals(BAD_GATEWAY, client.get("/").start());
    }
  }

  @Test
  void aParkedConnectionThatBreaksOnUseIsA502() throws Exception {
    try (Origin origin =
            Origin.scripted(
                (serial, wire) -> {
                  wire.message();
                  wire.send(Origin.ok("first"));
                  wire.message();
                });
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      assertEquals("first", client.get("/").body());
      assertEquals(BAD_GATEWAY, client.get("/").start());
      assertEquals("first", client.get("/").body());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"SMTP ready\n\n", "HTTP/1.1 200 OK\nContent-Length: x\n\n"})
  void whatIsNoResponseIsA502(String answer) throws Exception {
    try (Origin origin = Origin.answering((serial, request) -> answer);
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      assertEquals(BAD_GATEWAY, client.get("/").start());
    }
  }

  @Test
  void anUpstreamThatFailsAnUploadIsA502() throws Exception {
    try (Origin origin =
            Origin.scripted(
                (serial, wire) -> {
                  wire.head();
                  wire.text(100_000);
                  wire.reset();
                });
        TestProxy proxy = TestProxy.with("proxy_request_buffering off;", origin);
        Wire client = proxy.connect()) {
      client.send("POST / HTTP/1.1\nHost: h\nContent-Length: 1000000\n\n");
      client.out().write(new byte[1_000_000]);
      client.out().flush();
      Wire.Message page = client.message();
      assertEquals(BAD_GATEWAY, page.start());
      assertEquals("close", page.header("Connection"));
    }
  }

  @Test
  void aSilentUpstreamIsA504() throws Exception {
    try (Origin origin =
            Origin.scripted(
                (serial, wire) -> {
                  wire.rest();
                  ended.countDown();
                });
        TestProxy proxy = TestProxy.with("proxy_read_timeout 100ms;", origin);
        Wire client = proxy.connect()) {
      assertEquals(GATEWAY_TIMEOUT, client.get("/").start());
      assertTrue(
          ended.await(Wire.PATIENCE_SECONDS, TimeUnit.SECONDS),
          "the upstream's connection is closed");
      client.send("POST / HTTP/1.1\nHost: h\nContent-Length: 4\n\nbody");
      assertEquals(GATEWAY_TIMEOUT, client.message().start());
    }
  }

  @Test
  void aClientThatIsSlowToSendIsNoSilentUpstream() throws Exception {
    try (Origin origin = Origin.counting();
        TestProxy proxy =
            TestProxy.with("proxy_request_buffering off; proxy_read_timeout 1s;", origin);
        Wire client = proxy.connect()) {
      client.send("POST / HTTP/1.1\nHost: h\nContent-Length: 4\n\nbo");
      TestProxy.await("the upload to begin", () -> proxy.open() == 1);
      assertFalse(ended.await(1500, TimeUnit.MILLISECONDS), "time passes");
      client.send("dy");
      assertEquals("connection 1", client.message().body());
    }
  }

  @ParameterizedTest
  @CsvSource({"Content-Length: 20, 1.1", "Transfer-Encoding: chunked, 1.1", "X: y, 1.0"})
  void aSilentUpstreamWithinAResponseCutsIt(String framing, String version) throws Exception {
    try (Origin origin =
            Origin.scripted(
                (serial, wire) -> {
                  wire.message();
                  wire.send("HTTP/1.1 200 OK\n" + framing + "\n\n5\nhello\n");
                  wire.rest();
                });
        TestProxy proxy = TestProxy.with("proxy_read_timeout 1s;", origin);
        Wire client = proxy.connect()) {
      client.send("GET / HTTP/" + version + "\nHost: h\n\n");
      Wire.Head head = client.head();
      assertEquals("HTTP/1.1 200 OK", head.start());
      if (version.equals("1.0")) {
        assertThrows(SocketException.class, client::rest);
      } else {
        assertThrows(EOFException.class, () -> client.body(head));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Content-Length: 10, hello",
    "Transfer-Encoding: chunked, 5|hello|",
    "Transfer-Encoding: chunked, 5|hello|zz|"
  })
  void aFailureWithinAResponseCutsIt(String framing, String body) throws Exception {
    try (Origin origin =
            Origin.scripted(
                (serial, wire) -> {
                  wire.message();
                  wire.send("HTTP/1.1 200 OK\n" + framing + "\n\n" + body.replace('|', '\n'));
                });
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      client.send("GET / HTTP/1.1\nHost: h\n\n");
      Wire.Head head = client.head();
      assertEquals("HTTP/1.1 200 OK", head.start());
      assertThrows(EOFException.class, () -> client.body(head));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"waiting", "uploading", "downloading"})
  void aClientThatGoesAwayTakesItsUpstreamConnectionAlong(String when) throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    try (Origin origin =
            Origin.scripted(
                (serial, wire) -> {
                  wire.head();
                  if (when.equals("downloading")) {
                    wire.send("HTTP/1.1 200 OK\nContent-Length: 1000\n\nstart");
                  }
                  begun.countDown();
                  try {
                    wire.rest();
                  } catch (IOException e) {
                    // A reset is an end too.
                  }
                  ended.countDown();
                });
        TestProxy proxy = TestProxy.with("proxy_request_buffering off;", origin)) {
      try (Wire client = proxy.connect()) {
        client.send("PUT / HTTP/1.1\nHost: h\nContent-Length: ");
        client.send(when.equals("uploading") ? "10\n\nbody" : "4\n\nbody");
        begun.await();
        if (when.equals("downloading")) {
          client.head();
        }
      }
      assertTrue(
          ended.await(Wire.PATIENCE_SECONDS, TimeUnit.SECONDS),
          "the upstream's connection is closed");
      TestProxy.await("the client to be forgotten", () -> proxy.clientCount() == 0);
      assertEquals(0, proxy.parked());
    }
  }
}
