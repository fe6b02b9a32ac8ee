package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.EOFException;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A response whose end may be read in two ways never becomes two answers to clients. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class ResponseDesyncTest {
  private static final String EVIL = "HTTP/1.1 200 OK\nContent-Length: 4\n\nevil";

  /** The first connection answers its first request like this; all else is answered well. */
  private static Origin origin(String answer) throws IOException {
    return Origin.scripted(
        (serial, wire) -> {
          wire.message();
          wire.sendRaw(serial == 1 ? answer : Origin.ok("good"));
          while (true) {
            wire.message();
            wire.send(Origin.ok("good"));
          }
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\nContent-Length: 2\nContent-Length: 2\n\nno",
        "HTTP/1.1 200 OK\nContent-Length: 2\nContent-Length: 3\n\nno",
        "HTTP/1.1 200 OK\nContent-Length: 2, 2\n\nno",
        "HTTP/1.1 200 OK\nContent-Length: +2\n\nno",
        "HTTP/1.1 200 OK\nContent-Length:\n\nno",
        "HTTP/1.1 200 OK\nContent-Length: 2\nTransfer-Encoding: chunked\n\n0\n\n",
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nContent-Length: 2\n\n0\n\n",
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nTransfer-Encoding: chunked\n\n0\n\n",
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked, identity\n\n0\n\n",
        "HTTP/1.1 200 OK\nTransfer-Encoding: gzip\n\n0\n\n",
        "HTTP/1.0 200 OK\nTransfer-Encoding: chunked\n\n0\n\n",
        "HTTP/1.1 200 OK\nTransfer-Encoding :chunked\n\n0\n\n",
        "HTTP/1.1 200 OK\nX: y\n z\nContent-Length: 2\n\nno",
        "HTTP/1.1 200 OK\nX: y␊Content-Length: 2\n\nno",
        "HTTP/1.1 200 OK\nX: y␍Content-Length: 2\n\nno",
        "HTTP/1.1 200 OK\nX: y␀\nContent-Length: 2\n\nno",
        "HTTP/1.1 200 O␍K\nContent-Length: 2\n\nno",
        "HTTP/1.1  200 OK\nContent-Length: 2\n\nno",
        "HTTP/1.1 20 OK\nContent-Length: 2\n\nno",
        "HTTP/1.1 2000 OK\nContent-Length: 2\n\nno",
        "HTTP/2.0 200 OK\nContent-Length: 2\n\nno",
        "\nHTTP/1.1 200 OK\nContent-Length: 2\n\nno",
        "HTTP/1.1 204 No Content\nContent-Length: 2\nContent-Length: 3\n\n",
      })
  void aHeadThatMayBeReadInTwoWaysIsA502(String answer) throws Exception {
    try (Origin origin = origin(answer + EVIL);
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      assertEquals("HTTP/1.1 502 Bad Gateway", client.get("/").start());
      assertEquals("good", client.get("/").body());
      assertEquals(2, origin.accepted());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2;a=b\nno\n0\n\n",
        "2 \nno\n0\n\n",
        "100000002\nno\n0\n\n",
        "2␊no\n0\n\n",
        "2\nno␊0\n\n",
        "2\nno!\n0\n\n",
        "0\nContent-Length: 2\n\n",
        "0\nX: y\n z\n\n",
      })
  void aBodyThatMayBeReadInTwoWaysIsCut(String chunks) throws Exception {
    try (Origin origin = origin("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n" + chunks + EVIL);
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect();
        Wire other = proxy.connect()) {
      client.send("GET / HTTP/1.1\nHost: h\n\n");
      Wire.Head head = client.head();
      assertThrows(EOFException.class, () -> client.body(head));
      assertEquals("good", other.get("/").body());
      assertEquals(2, origin.accepted());
    }
  }

  /** Also where the next request waits already and would take the connection at once. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nok\n0\n\n",
        "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
        "HTTP/1.1 204 No Content\n\n",
        "HTTP/1.1 304 Not Modified\nContent-Length: 5\n\n",
        "HTTP/1.1 100 Continue\n\nHTTP/1.1 204 No Content\n\n",
      })
  void whatFollowsAResponseIsNoAnswer(String answer) throws Exception {
    for (String excess : new String[] {EVIL, "x", "\n"}) {
      try (Origin origin = origin(answer + excess);
          TestProxy proxy = TestProxy.to(origin);
          Wire client = proxy.connect()) {
        String get = "GET / HTTP/1.1\nHost: h\n\n";
        client.send(get + get);
        Wire.Head head = client.head();
        if (head.start().contains("100")) {
          head = client.head();
        }
        if (head.start().contains("200")) {
          client.body(head);
        }
        assertEquals("good", client.message().body());
        assertEquals(2, origin.accepted());
      }
    }
  }

  @Test
  void aResponseToHeadHasNoBody() throws Exception {
    try (Origin origin = origin(EVIL);
        TestProxy proxy = TestProxy.to(origin);
        Wire client = proxy.connect()) {
      client.send("HEAD / HTTP/1.1\nHost: h\n\n");
      assertEquals("4", client.head().header("Content-Length"));
      assertEquals("good", client.get("/").body());
      assertEquals(2, origin.accepted());
    }
  }
}
