package org.keepaliveagent.proxycore;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the upstream of a {@code proxy_pass} with variables: one that the configuration has by that
 * name, or an address, or a name's addresses ({@code ngx_http_proxy_eval}).
 *
 * @param tls for {@code https}
 */
record VariableUpstream(UpstreamReader upstreams, UpstreamTls tls, @Nullable Resolver resolver) {
  private static final String HTTP = "http://";
  private static final String HTTPS = "https://";

  /**
   * Finds it.
   *
   * @param model how it is asked
   * @return null for an URL that is none
   */
  Action.@Nullable Pass find(String url, Action.Pass model) {
    boolean encrypted = url.regionMatches(true, 0, HTTPS, 0, HTTPS.length());
    if (!encrypted && !url.regionMatches(true, 0, HTTP, 0, HTTP.length())) {
      return null;
    }
    int defaultPort = encrypted ? 443 : 80;
    int start = (encrypted ? HTTPS : HTTP).length();
    int end = start;
    while (end < url.length() && url.charAt(end) != '/' && url.charAt(end) != '?') {
      end++;
    }
    String name = url.substring(start, end);
    if (url.indexOf(' ', end) >= 0 || !HttpText.isLine(url) || url.indexOf('\t') >= 0) {
      return null; // nginx sends it: it could be the end of one request and another one.
    }
    try {
      HostAndPort host = HostAndPort.parse(name, defaultPort, 1);
      Upstream known = known(name, host, defaultPort);
      return model.to(
          known == null ? new Upstream(host.host(), false, List.of()) : known,
          known == null ? new Lookup(host, resolver) : null,
          encrypted ? tls : null,
          target(url.substring(end)),
          host.port() == defaultPort ? host.host() : name,
          String.valueOf(host.port()));
    } catch (ConfigException e) {
      return null;
    }
  }

  /** What is asked for; null for the same as here. */
  private static @Nullable String target(String uri) {
    return uri.isEmpty() ? null : uri.startsWith("?") ? "/" + uri : uri;
  }

  private @Nullable Upstream known(String name, HostAndPort host, int defaultPort) {
    Upstream known = upstreams.known(name, defaultPort);
    byte[] address = known == null ? NetUtil.createByteArrayFromIpAddressString(host.host()) : null;
    if (address == null) {
      return known;
    }
    try {
      return Lookup.upstream(host, List.of(InetAddress.getByAddress(address)));
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // Only for an address of a wrong length.
    }
  }
}
