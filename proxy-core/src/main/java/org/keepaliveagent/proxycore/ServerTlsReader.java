package org.keepaliveagent.proxycore;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the {@code ssl_*} directives of a server.
 *
 * <p>Read and checked, but not acted on: {@code ssl_session_cache} and {@code ssl_session_timeout}
 * (the JDK keeps sessions by tickets of its own, for a day), and the protocols before TLS 1.2,
 * which the JDK no longer speaks.
 */
final class ServerTlsReader {
  private static final Set<String> OLD_PROTOCOLS = Set.of("SSLv2", "SSLv3", "TLSv1", "TLSv1.1");
  private static final List<String> PROTOCOLS = List.of("TLSv1.2", "TLSv1.3");
  private static final int SMALLEST_CACHE = 8 * 4096;

  private final Scope scope;

  ServerTlsReader(Scope scope) {
    this.scope = scope;
  }

  /** What the server shows to its clients; null when it has no certificate. */
  @Nullable SslContext read() throws ConfigException {
    for (Directive cache : scope.all("ssl_session_cache")) {
      for (String value : cache.args()) {
        checkCache(cache, value);
      }
    }
    for (Directive timeout : scope.all("ssl_session_timeout")) {
      ConfigValues.time(timeout);
    }
    List<String> protocols = protocols(scope, "ssl_protocols");
    List<Directive> certificates = scope.all("ssl_certificate");
    if (certificates.isEmpty()) {
      return null;
    }
    List<Directive> keys = keys(scope, certificates, "ssl_certificate_key");
    try {
      return SslContextBuilder.forServer(TlsKeys.own(certificates, keys))
          .sslProvider(SslProvider.JDK)
          .protocols(protocols)
          .build();
    } catch (SSLException e) {
      throw new ConfigException("the certificates cannot be used (" + e + ")");
    }
  }

  /** The keys that belong to certificates, as many at least. */
  static List<Directive> keys(Scope scope, List<Directive> certificates, String name)
      throws ConfigException {
    List<Directive> keys = scope.all(name);
    if (keys.size() < certificates.size()) {
      throw new ConfigException(
          "no \"%s\" is defined for certificate \"%s\""
              .formatted(name, certificates.get(keys.size()).arg(0)));
    }
    return keys;
  }

  /** The protocols of a directive that the JDK speaks. */
  static List<String> protocols(Scope scope, String name) throws ConfigException {
    Directive directive = scope.find(name).orElse(null);
    if (directive == null) {
      return PROTOCOLS;
    }
    List<String> spoken = new ArrayList<>();
    for (String protocol : directive.args()) {
      if (PROTOCOLS.contains(protocol)) {
        spoken.add(protocol);
      } else if (!OLD_PROTOCOLS.contains(protocol)) {
        throw directive.error("invalid value \"" + protocol + "\"");
      }
    }
    if (spoken.isEmpty()) {
      throw directive.error("no protocol of TLSv1.2 and TLSv1.3 in \"" + name + "\" directive");
    }
    return List.copyOf(spoken);
  }

  private static void checkCache(Directive directive, String value) throws ConfigException {
    String[] parts = value.split(":", -1);
    switch (parts[0]) {
      case "off", "none", "builtin" -> {
        boolean size = parts[0].equals("builtin") && parts.length == 2;
        if (parts.length > 1 && (!size || ConfigValues.parseCount(parts[1]) < 0)) {
          throw invalidCache(directive, value);
        }
      }
      case "shared" -> {
        long size = parts.length == 3 ? ConfigValues.parseSize(parts[2]) : -1;
        if (size < 0 || parts[1].isEmpty()) {
          throw invalidCache(directive, value);
        }
        if (size < SMALLEST_CACHE) {
          throw directive.error("session cache \"" + value + "\" is too small");
        }
      }
      default -> throw invalidCache(directive, value);
    }
  }

  private static ConfigException invalidCache(Directive directive, String value) {
    return directive.error("invalid session cache \"" + value + "\"");
  }
}
