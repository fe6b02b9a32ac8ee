package org.keepaliveagent.policy;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Names upstreams: {@code host}, {@code host:port}, {@code *.domain}, {@code *:port}, each with an
 * optional {@code http://} or {@code https://} before it; an IPv6 address stands in brackets.
 */
public final class UpstreamPattern {
  private final @Nullable String scheme;
  private final String host;
  private final int port;

  private UpstreamPattern(@Nullable String scheme, String host, int port) {
    this.scheme = scheme;
    this.host = host;
    this.port = port;
  }

  /**
   * Reads a pattern.
   *
   * @throws IllegalArgumentException with a phrase that says what is wrong with it
   */
  public static UpstreamPattern parse(String text) {
    String rest = text.toLowerCase(Locale.ROOT);
    String scheme = null;
    int colons = rest.indexOf("://");
    if (colons >= 0) {
      scheme = rest.substring(0, colons);
      rest = rest.substring(colons + 3);
      if (!scheme.equals("http") && !scheme.equals("https")) {
        throw new IllegalArgumentException("scheme must be http or https");
      }
    }
    int port = 0;
    int colon = rest.lastIndexOf(':');
    if (colon > rest.lastIndexOf(']')) {
      port = port(rest.substring(colon + 1));
      rest = rest.substring(0, colon);
    }
    if (rest.startsWith("[") && rest.endsWith("]")) {
      rest = rest.substring(1, rest.length() - 1);
    } else if (rest.indexOf(':') >= 0) {
      throw new IllegalArgumentException("an IPv6 address stands in brackets, [::1]:8080");
    }
    if (rest.isEmpty()) {
      throw new IllegalArgumentException("the host is missing");
    }
    if (rest.lastIndexOf('*') > 0 || rest.indexOf('/') >= 0 || rest.indexOf(' ') >= 0) {
      throw new IllegalArgumentException(
          "write host, host:port, *.domain or *:port; * stands only at the start");
    }
    if (rest.startsWith("*") && rest.length() > 1 && rest.charAt(1) != '.') {
      throw new IllegalArgumentException("a dot must follow *");
    }
    return new UpstreamPattern(scheme, rest, port);
  }

  private static int port(String text) {
    try {
      int port = Integer.parseInt(text);
      if (port >= 1 && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException e) {
      // the phrase below says it
    }
    throw new IllegalArgumentException("port must be 1 to 65535");
  }

  boolean matches(String upstreamScheme, String upstreamHost, int upstreamPort) {
    if (scheme != null && !scheme.equals(upstreamScheme)) {
      return false;
    }
    if (port != 0 && port != upstreamPort) {
      return false;
    }
    if (host.equals("*")) {
      return true;
    }
    String name = upstreamHost.toLowerCase(Locale.ROOT);
    return host.startsWith("*.") ? name.endsWith(host.substring(1)) : name.equals(host);
  }
}
