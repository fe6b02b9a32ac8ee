package org.keepaliveagent.proxycore;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManager;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/** Reads {@code proxy_ssl_*} directives; the same ones make the same connections. */
final class UpstreamTlsReader {
  private static final List<String> NAMES =
      List.of(
          "proxy_ssl_name",
          "proxy_ssl_server_name",
          "proxy_ssl_session_reuse",
          "proxy_ssl_protocols",
          "proxy_ssl_verify",
          "proxy_ssl_verify_depth",
          "proxy_ssl_trusted_certificate",
          "proxy_ssl_certificate",
          "proxy_ssl_certificate_key");

  private final Map<List<Directive>, UpstreamTls> known = new HashMap<>();

  UpstreamTls read(Scope scope) throws ConfigException {
    List<Directive> directives = new ArrayList<>();
    for (String name : NAMES) {
      directives.addAll(scope.all(name));
    }
    UpstreamTls tls = known.get(directives);
    if (tls == null) {
      tls = readNew(scope);
      known.put(directives, tls);
    }
    return tls;
  }

  private static UpstreamTls readNew(Scope scope) throws ConfigException {
    Directive name = scope.find("proxy_ssl_name").orElse(null);
    boolean verifies = scope.flag("proxy_ssl_verify", false);
    UpstreamTls.Settings settings =
        new UpstreamTls.Settings(
            name == null ? null : Template.read(name, name.arg(0)),
            scope.flag("proxy_ssl_server_name", false),
            verifies,
            scope.flag("proxy_ssl_session_reuse", true),
            ServerTlsReader.protocols(scope, "proxy_ssl_protocols"));
    return new UpstreamTls(settings, own(scope), trusted(scope, verifies));
  }

  private static KeyManager @Nullable [] own(Scope scope) throws ConfigException {
    List<Directive> certificates = scope.all("proxy_ssl_certificate");
    if (certificates.isEmpty()) {
      return null;
    }
    String keys = "proxy_ssl_certificate_key";
    return TlsKeys.own(certificates, ServerTlsReader.keys(scope, certificates, keys))
        .getKeyManagers();
  }

  private static TrustManager[] trusted(Scope scope, boolean verifies) throws ConfigException {
    Directive depth = scope.find("proxy_ssl_verify_depth").orElse(null);
    int length = depth == null ? 1 : ConfigValues.count(depth, 0);
    Directive file = scope.find("proxy_ssl_trusted_certificate").orElse(null);
    if (!verifies) {
      return InsecureTrustManagerFactory.INSTANCE.getTrustManagers();
    }
    if (file == null) {
      throw new ConfigException("no proxy_ssl_trusted_certificate for proxy_ssl_verify");
    }
    return TlsKeys.trusted(file, length).getTrustManagers();
  }
}
