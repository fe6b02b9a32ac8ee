package org.keepaliveagent.proxycore;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * An {@code add_header} directive.
 *
 * <p>Two things are not as in nginx, so that no response can be split or framed in two ways: a
 * control character in a value is written as in an address ({@code %0A}), and the headers that
 * frame a message cannot be added.
 *
 * @param always whether responses with any status have it
 */
record AddedHeader(String name, Template value, boolean always) {
  private static final Set<Integer> STATUSES =
      Set.of(200, 201, 204, 206, 301, 302, 303, 304, 307, 308);

  /** Of these a response has one value. */
  private static final Set<String> SINGLE = Set.of("last-modified", "etag");

  private static final Set<String> FRAMING = Set.of("content-length", "transfer-encoding");

  static List<AddedHeader> read(List<Directive> directives) throws ConfigException {
    List<AddedHeader> headers = new ArrayList<>();
    for (Directive directive : directives) {
      String name = directive.arg(0);
      boolean always = directive.args().size() > 2;
      if (always && !directive.arg(2).equals("always")) {
        throw directive.error("invalid parameter \"" + directive.arg(2) + "\"");
      }
      if (!HttpText.isToken(name) || FRAMING.contains(name.toLowerCase(Locale.ROOT))) {
        throw directive.error("invalid header name \"" + name + "\"");
      }
      headers.add(new AddedHeader(name, Template.read(directive, directive.arg(1)), always));
    }
    return List.copyOf(headers);
  }

  void addTo(HttpHeaders headers, int status, ClientRequest request) {
    if (!always && !STATUSES.contains(status)) {
      return;
    }
    String text = HttpText.withoutControls(value.text(request));
    if (SINGLE.contains(name.toLowerCase(Locale.ROOT))) {
      headers.remove(name);
    }
    if (!text.isEmpty()) {
      headers.add(name, text);
    }
  }
}
