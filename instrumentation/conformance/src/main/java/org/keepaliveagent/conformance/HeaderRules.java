package org.keepaliveagent.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
    assertTrue(head.contains("\r\nx-kept: 1\r\n"), () -> "x-kept did not cross: " + head);
    assertTrue(head.contains("\r\nhost: "), () -> "host did not cross: " + head);
    for (String name : List.of("connection", "keep-alive", "upgrade", "http2-settings", "te")) {
      assertFalse(head.contains("\r\n" + name + ":"), () -> name + " crossed: " + head);
    }
  }

  @Test
  void H2_whatAsksForHttp10GoesOutAsHttp11() throws IOException {
    skipIfUntested("H2");
    under(p -> p.http10(false));
    Reply reply = client.sendHttp10("GET", Map.of("X-Request-Id", "h2"));
    assertEquals(new Reply(200, 1, 1), reply);
    String head = upstream.heads().get(0);
    assertTrue(head.startsWith("GET / HTTP/1.1\r\n"), () -> "what went out: " + head);
    assertEquals(new Reply(200, 1, 2), send("GET"));
  }

  @Test
  void H4_aHeaderIsSetReplacedAndRemoved() throws IOException {
    skipIfUntested("H4");
    under(p -> p.header("X-New", "made here").header("X-Old", "new").header("X-Gone", ""));
    client.send("GET", null, Map.of("X-Request-Id", "h4", "X-Old", "old", "X-Gone", "1"));
    List<String> head = upstream.heads().get(0).lines().toList();
    assertEquals(List.of("X-New: made here"), named(head, "x-new"), "X-New, which the policy adds");
    assertEquals(List.of("X-Old: new"), named(head, "x-old"), "X-Old, which the policy replaces");
    assertEquals(List.of(), named(head, "x-gone"), "X-Gone, which the policy removes");
    assertEquals(1, named(head, "x-request-id").size(), "headers named X-Request-Id");
  }

  @Test
  void H5_teTrailersCrosses() throws IOException {
    under(p -> p.removeHeader("Connection"));
    client.send("GET", null, Map.of("X-Request-Id", "h5", "TE", "trailers"));
    List<String> head = upstream.heads().get(0).lines().toList();
    assertEquals(List.of("TE: trailers"), named(head, "te"), "the TE header that crossed");
  }

  private static List<String> named(List<String> head, String lowerCaseName) {
    return head.stream()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(lowerCaseName + ":"))
        .toList();
  }
}
