package org.keepaliveagent.proxycore;

import io.netty.handler.ssl.SslHandler;
import io.netty.util.NetUtil;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.StandardConstants;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * How connections to {@code https} upstreams are encrypted, and who must be at their other end.
 *
 * <p>Sessions are resumed with the same peer and by the same name only, as {@code
 * ngx_http_upstream_set_round_robin_peer_session} keeps them: each peer has a context of its own.
 */
final class UpstreamTls {
  /** For addresses that are found at run time there is no end of peers. */
  private static final int MAX_CONTEXTS = 1000;

  /**
   * What {@code proxy_ssl_*} directives say.
   *
   * @param name null for the host of {@code proxy_pass}
   * @param sendsName whether the upstream is told the name in the handshake
   */
  record Settings(
      @Nullable Template name,
      boolean sendsName,
      boolean verifies,
      boolean resumes,
      List<String> protocols) {}

  private final Settings settings;
  private final KeyManager @Nullable [] own;
  private final TrustManager[] trusted;
  private final Map<Peer, SSLContext> contexts =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Peer, SSLContext> eldest) {
          return size() > MAX_CONTEXTS;
        }
      };

  UpstreamTls(Settings settings, KeyManager @Nullable [] own, TrustManager[] trusted) {
    this.settings = settings;
    this.own = own;
    this.trusted = trusted;
  }

  /** The name of the server that a request's upstream has to be. */
  String name(ClientRequest request, String host) {
    String name = settings.name() == null ? host : settings.name().text(request);
    int colon = name.startsWith("[") ? name.indexOf(':', name.indexOf(']')) : name.indexOf(':');
    return colon < 0 ? name : name.substring(0, colon);
  }

  /** Encrypts a new connection; the one who asks limits the time of the handshake. */
  SslHandler handler(Peer peer, String name) {
    SSLEngine engine = context(peer).createSSLEngine(name, peer.port());
    engine.setUseClientMode(true);
    engine.setEnabledProtocols(settings.protocols().toArray(String[]::new));
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setServerNames(settings.sendsName() ? serverNames(name) : List.of());
    if (settings.verifies()) {
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
    }
    engine.setSSLParameters(parameters);
    SslHandler handler = new SslHandler(engine);
    handler.setHandshakeTimeoutMillis(0);
    return handler;
  }

  /** An address is no name. */
  private static List<SNIServerName> serverNames(String name) {
    boolean address = NetUtil.isValidIpV4Address(name) || NetUtil.isValidIpV6Address(name);
    return name.isEmpty() || address ? List.of() : List.of(new RawName(name));
  }

  /** As it is: the JDK's own has no underscore, which names of upstreams may have. */
  private static final class RawName extends SNIServerName {
    RawName(String name) {
      super(StandardConstants.SNI_HOST_NAME, name.getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  private SSLContext context(Peer peer) {
    if (!settings.resumes()) {
      return newContext();
    }
    synchronized (contexts) {
      return contexts.computeIfAbsent(peer, key -> newContext());
    }
  }

  private SSLContext newContext() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(own, trusted, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
