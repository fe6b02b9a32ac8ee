package org.keepaliveagent.ittests;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keepaliveagent.conformance.Cue;
import org.keepaliveagent.conformance.ScriptedUpstream;

/**
 * Of what proxy-core's own tests of this kind send, one of each class, with the agent: it takes
 * headers away and sends requests again, and still nothing reaches an upstream as two requests.
 */
@Timeout(60)
class DesyncUnderAgentTest {
  private static final String INNER = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";

  @TempDir static Path folder;

  private static ScriptedUpstream upstream;
  private static ForkedProxy proxy;

  @BeforeAll
  static void start() throws Exception {
    upstream = ScriptedUpstream.start();
    Path file =
        Files.writeString(
            folder.resolve("nginx.conf"),
            """
            events {}
            http {
              upstream u { server 127.0.0.1:%d; keepalive 8; }
              server {
                listen 127.0.0.1:0;
                location / {
                  proxy_pass http://u;
                  proxy_http_version 1.1;
                  proxy_set_header Connection "";
                  proxy_next_upstream error timeout invalid_header http_503 non_idempotent;
                  proxy_next_upstream_tries 3;
                }
              }
            }
            """
                .formatted(upstream.port()));
    proxy =
        ForkedProxy.start(
            List.of(
                ForkedProxy.agent("policy=" + file),
                "-jar",
                Artifacts.PROXY.toString(),
                "-c",
                file.toString()),
            "proxy-core ready on ",
            Map.of());
  }

  @AfterAll
  static void stop() throws IOException {
    proxy.close();
    upstream.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 5\nContent-Length: 0\n\nhello",
        "Content-Length: 5\nTransfer-Encoding: chunked\n\n0\n\n",
        "Transfer-Encoding: chunked\nContent-Length: 5\n\n0\n\n",
        "Transfer-Encoding: xchunked\n\n0\n\n",
        "Transfer-Encoding: chunked\nTransfer-Encoding: identity\n\n0\n\n",
        "Transfer-Encoding:\n chunked\n\n0\n\n",
        "Connection: Content-Length\nContent-Length: 5\n\nhello",
        "Connection: close, Transfer-Encoding\nTransfer-Encoding: chunked\n\n0\n\n",
        "Connection: Host\nContent-Length: 5\n\nhello",
        "Transfer-Encoding: chunked\n\n5;a=b\nhello\n0\n\n",
        "Transfer-Encoding: chunked\n\n100000005\nhello\n0\n\n",
        "X: y\0\nContent-Length: 5\n\nhello",
      })
  void whatMayBeReadInTwoWaysIsRefused(String rest) throws Exception {
    String head = "POST /outer HTTP/1.1\nHost: h\n";
    String answers = answers((head + rest).replace("\n", "\r\n") + INNER);
    assertTrue(answers.startsWith("HTTP/1.1 400 "), answers);
    assertEquals(1, answers.split("HTTP/1.1 ", -1).length - 1, answers);
    assertNothingSmuggled();
  }

  /**
   * Also where it is sent again, its body with it. No more than three: from then on the agent has
   * learned that this upstream ends its connections early, and does not use them.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 35\n\n@",
        "Transfer-Encoding: chunked\n\n23\n@\n0\n\n",
        "Connection: x\nX: y\nContent-Length: 35\n\n@",
      })
  void aRequestWithinABodyStaysThereThoughItIsSentAgain(String rest) throws Exception {
    upstream.script((connection, request) -> Cue.ANSWER);
    answers("GET /before HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    int accepted = upstream.accepted();
    int requests = upstream.requests();
    upstream.script((connection, request) -> connection > accepted ? Cue.ANSWER : Cue.CLOSE);
    String outer = "POST /outer HTTP/1.1\nHost: h\n" + rest;
    String next = "GET /next HTTP/1.1\nHost: h\nConnection: close\n\n";
    String answers = answers((outer + next).replace("\n", "\r\n").replace("@", INNER));
    assertEquals(2, answers.split("HTTP/1.1 200 ", -1).length - 1, answers);
    assertEquals(requests + 3, upstream.requests(), "the outer one twice, and the next");
    assertNothingSmuggled();
  }

  private static void assertNothingSmuggled() throws IOException {
    String victim = answers("GET /victim HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    assertTrue(victim.startsWith("HTTP/1.1 200 "), victim);
    for (String head : upstream.heads()) {
      assertTrue(!head.contains("/smuggled"), head);
    }
  }

  /** Everything that comes back until the proxy ends the connection. */
  private static String answers(String bytes) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.address().getPort())) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }
}
