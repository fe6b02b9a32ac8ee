package org.keepaliveagent.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** H: which headers cross to the upstream. */
abstract class HeaderRules extends ParkRules {
  HeaderRules(Subject subject) {
    super(subject);
  }

  @Test
  void H1_hopByHopAndNominatedHeadersDoNotCross() throws IOException {
    under(p -> p.removeHeader("Connection"));
    client.send("GET", null, Map.of("X-Request-Id", "h1", "Keep-Alive", "300", "X-Kept", "1"));
    String head = upstream.heads().get(0).toLowerCase(Locale.ROOT);
    assertTrue(head.contains("\r\nx-kept: 1\r\n"), head);
    assertTrue(head.contains("\r\nhost: "), head);
    for (String name : List.of("connection", "keep-alive", "upgrade", "http2-settings", "te")) {
      assertTrue(!head.contains("\r\n" + name + ":"), head);
    }
  }

  @Test
  void H2_whatAsksForHttp10GoesOutAsHttp11() throws IOException {
    skipIfUntested("H2");
    under(p -> p.http10(false));
    Reply reply = client.sendHttp10("GET", Map.of("X-Request-Id", "h2"));
    assertEquals(new Reply(200, 1, 1), reply);
    assertTrue(upstream.heads().get(0).startsWith("GET / HTTP/1.1\r\n"), upstream.heads().get(0));
    assertEquals(new Reply(200, 1, 2), send("GET"));
  }

  @Test
  void H4_aHeaderIsSetReplacedAndRemoved() throws IOException {
    skipIfUntested("H4");
    under(p -> p.header("X-New", "made here").header("X-Old", "new").header("X-Gone", ""));
    client.send("GET", null, Map.of("X-Request-Id", "h4", "X-Old", "old", "X-Gone", "1"));
    List<String> head = upstream.heads().get(0).lines().toList();
    assertEquals(List.of("X-New: made here"), named(head, "x-new"));
    assertEquals(List.of("X-Old: new"), named(head, "x-old"));
    assertEquals(List.of(), named(head, "x-gone"));
    assertEquals(1, named(head, "x-request-id").size());
  }

  @Test
  void H5_teTrailersCrosses() throws IOException {
    under(p -> p.removeHeader("Connection"));
    client.send("GET", null, Map.of("X-Request-Id", "h5", "TE", "trailers"));
    assertEquals(List.of("TE: trailers"), named(upstream.heads().get(0).lines().toList(), "te"));
  }

  private static List<String> named(List<String> head, String lowerCaseName) {
    return head.stream()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(lowerCaseName + ":"))
        .toList();
  }
}
