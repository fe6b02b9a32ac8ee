package org.keepaliveagent.policy;

import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Names upstreams: {@code host}, {@code *.domain}, {@code *} or an address block such as {@code
 * 10.0.0.0/8}, each with an optional {@code :port} behind it and an optional {@code http://} or
 * {@code https://} before it; an IPv6 address stands in brackets.
 *
 * <p>A block matches addresses only: names are compared as the application wrote them, never
 * resolved. Immutable.
 */
public final class UpstreamPattern {
  private static final byte[] NO_BLOCK = {};

  private final String text;
  private final @Nullable String scheme;
  private final String host;
  private final int port;

  /** The address of a block or of a literal; empty for a name. */
  private final byte[] address;

  /** How many bits of the address count. */
  private final int bits;

  private UpstreamPattern(
      String text, @Nullable String scheme, String host, int port, byte[] address, int bits) {
    this.text = text;
    this.scheme = scheme;
    this.host = host;
    this.port = port;
    this.address = address;
    this.bits = bits;
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
    int slash = rest.indexOf('/');
    String host = unbracketed(slash < 0 ? rest : rest.substring(0, slash));
    byte[] address = IpAddress.parse(host);
    if (slash >= 0) {
      int most = address == null ? 0 : address.length * 8;
      int bits = bits(rest.substring(slash + 1), most);
      return new UpstreamPattern(
          text, scheme, host, port, address == null ? NO_BLOCK : address, bits);
    }
    checkName(host);
    return new UpstreamPattern(
        text,
        scheme,
        host,
        port,
        address == null ? NO_BLOCK : address,
        address == null ? 0 : address.length * 8);
  }

  private static String unbracketed(String host) {
    if (host.startsWith("[") && host.endsWith("]")) {
      return host.substring(1, host.length() - 1);
    }
    if (host.indexOf(':') >= 0) {
      throw new IllegalArgumentException("an IPv6 address stands in brackets, [::1]:8080");
    }
    return host;
  }

  private static void checkName(String host) {
    if (host.isEmpty()) {
      throw new IllegalArgumentException("the host is missing");
    }
    for (int i = 0; i < host.length(); i++) {
      char c = host.charAt(i);
      if (c <= ' ' || c == '[' || c == ']' || c == '@' || c == '?' || c == '#' || c == '\\') {
        throw new IllegalArgumentException("a host holds no spaces and none of []@?#\\");
      }
    }
    if (host.lastIndexOf('*') > 0) {
      throw new IllegalArgumentException(
          "write host, host:port, *.domain, *:port or 10.0.0.0/8; * stands only at the start");
    }
    if (host.startsWith("*") && host.length() > 1 && host.charAt(1) != '.') {
      throw new IllegalArgumentException("a dot must follow *");
    }
    if (host.equals("*.")) {
      throw new IllegalArgumentException("a domain must follow *.");
    }
  }

  private static int port(String text) {
    int port = number(text, 65535);
    if (port < 1) {
      throw new IllegalArgumentException("port must be 1 to 65535");
    }
    return port;
  }

  private static int bits(String text, int most) {
    if (most == 0) {
      throw new IllegalArgumentException("only an IP address stands before /, 10.0.0.0/8:8080");
    }
    int bits = number(text, most);
    if (bits < 0) {
      throw new IllegalArgumentException("behind / stands a number of bits, 0 to " + most);
    }
    return bits;
  }

  /** -1 for what is no number, or too large. */
  private static int number(String text, int most) {
    if (text.isEmpty() || text.length() > 5) {
      return -1;
    }
    int number = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      number = number * 10 + (c - '0');
    }
    return number > most ? -1 : number;
  }

  /** Whether an upstream is meant; host names in any case. */
  public boolean matches(String upstreamScheme, String upstreamHost, int upstreamPort) {
    if (scheme != null && !scheme.equals(upstreamScheme)) {
      return false;
    }
    if (port != 0 && port != upstreamPort) {
      return false;
    }
    String name = upstreamHost.toLowerCase(Locale.ROOT);
    if (address.length == 0) {
      return matchesName(name);
    }
    byte[] other = IpAddress.parse(name);
    return other != null && within(other);
  }

  /** Whether every upstream that the other pattern matches is matched by this one too. */
  public boolean covers(UpstreamPattern other) {
    if (scheme != null && !scheme.equals(other.scheme)) {
      return false;
    }
    if (port != 0 && port != other.port) {
      return false;
    }
    if (address.length > 0) {
      return other.address.length > 0 && other.bits >= bits && within(other.address);
    }
    return host.equals("*") || (isLiteral(other) && matchesName(other.host));
  }

  /** Whether it is no block: a name has no address and counts no bits. */
  private static boolean isLiteral(UpstreamPattern pattern) {
    return pattern.bits == pattern.address.length * 8;
  }

  private boolean matchesName(String name) {
    if (host.equals("*")) {
      return true;
    }
    return host.startsWith("*.") ? name.endsWith(host.substring(1)) : name.equals(host);
  }

  private boolean within(byte[] other) {
    if (other.length != address.length) {
      return false;
    }
    int whole = bits / 8;
    if (!Arrays.equals(Arrays.copyOf(other, whole), Arrays.copyOf(address, whole))) {
      return false;
    }
    int left = 8 - bits % 8;
    return left == 8 || (other[whole] & 0xFF) >> left == (address[whole] & 0xFF) >> left;
  }

  /**
   * The one server that is meant, as {@code host:port}; null for a pattern that means several. The
   * port is that of the scheme where none is stated, 80 without a scheme.
   */
  public @Nullable String hostAndPort() {
    if (host.startsWith("*") || !isLiteral(this)) {
      return null;
    }
    String literal = host.indexOf(':') < 0 ? host : "[" + host + "]";
    return literal + ":" + (port != 0 ? port : "https".equals(scheme) ? 443 : 80);
  }

  /** As it was written. */
  @Override
  public String toString() {
    return text;
  }
}
