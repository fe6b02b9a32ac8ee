package org.keepaliveagent.proxycore;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What the request for an upstream has in the place of its client's headers: {@code
 * proxy_set_header}, and {@code Host $proxy_host} where that is not set.
 *
 * <p>Read and checked, but not acted on: {@code Connection}, {@code Keep-Alive}, {@code
 * Proxy-Connection}, {@code TE} and {@code Upgrade}, which cross as they come (what may cross is
 * the agent's to say), and {@code Content-Length} and {@code Transfer-Encoding}, which tell how the
 * body is really sent.
 */
final class ProxyHeaders {
  private static final Set<String> NOT_SET =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-connection",
          "te",
          "upgrade",
          "content-length",
          "transfer-encoding");

  /**
   * A header that is set, or removed by an empty value.
   *
   * @param again whether it has a value before this one
   */
  private record Header(AsciiString name, Template value, boolean again) {}

  private final List<Header> headers;

  private ProxyHeaders(List<Header> headers) {
    this.headers = headers;
  }

  static ProxyHeaders read(Scope scope) throws ConfigException {
    List<Header> headers = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Directive directive : scope.all("proxy_set_header")) {
      String name = directive.arg(0);
      if (!HttpText.isToken(name)) {
        throw directive.error("invalid header name \"" + name + "\"");
      }
      Template value = Template.read(directive, directive.arg(1));
      String key = name.toLowerCase(Locale.ROOT);
      if (!NOT_SET.contains(key)) {
        headers.add(new Header(AsciiString.of(name), value, !names.add(key)));
      }
    }
    if (names.add("host")) {
      headers.add(new Header(AsciiString.of("Host"), Template.of(ClientRequest::proxyHost), false));
    }
    return new ProxyHeaders(List.copyOf(headers));
  }

  /**
   * Changes a request's headers.
   *
   * @return false when a value could not stand in a header; nothing is changed then
   */
  boolean apply(HttpHeaders to, ClientRequest request) {
    // All values first: they may be made of the headers that are about to change.
    String[] values = new String[headers.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = headers.get(i).value.text(request);
      if (!HttpText.isLine(values[i])) {
        return false;
      }
    }
    for (int i = 0; i < values.length; i++) {
      apply(to, headers.get(i), values[i]);
    }
    return true;
  }

  private static void apply(HttpHeaders to, Header header, String value) {
    if (header.again) {
      if (!value.isEmpty()) {
        to.add(header.name, value);
      }
    } else if (value.isEmpty()) {
      to.remove(header.name);
    } else if (!HttpHeaderNames.HOST.contentEqualsIgnoreCase(header.name) || !replace(to, value)) {
      to.set(header.name, value);
    }
  }

  /** Replaces the only {@code Host} where it stands, at the start as a rule. */
  private static boolean replace(HttpHeaders headers, String host) {
    Iterator<Map.Entry<CharSequence, CharSequence>> all = headers.iteratorCharSequence();
    while (all.hasNext()) {
      Map.Entry<CharSequence, CharSequence> header = all.next();
      if (HttpHeaderNames.HOST.contentEqualsIgnoreCase(header.getKey())) {
        header.setValue(host);
        return true;
      }
    }
    return false;
  }
}
