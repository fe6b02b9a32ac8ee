package org.keepaliveagent.proxycore;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;

/** What a client asks for, and what the upstream is asked for in its place. */
final class RequestTarget {
  private RequestTarget() {}

  /** The path and query of a request target, which may be an absolute URI. */
  static String path(String target) {
    int authority = target.startsWith("/") ? -1 : target.indexOf("://");
    if (authority < 0) {
      return target;
    }
    int slash = target.indexOf('/', authority + 3);
    return slash < 0 ? "/" : target.substring(slash);
  }

  /**
   * Makes of the client's request the one for the upstream: an HTTP/1.1 request for its target.
   *
   * @param path of the client's request, see {@link #path}
   */
  static void map(HttpRequest request, Location location, String path) {
    request.setUri(location.map(path));
    request.setProtocolVersion(HttpVersion.HTTP_1_1);
    if (!request.headers().contains(HttpHeaderNames.HOST)) {
      request.headers().set(HttpHeaderNames.HOST, location.upstream().name());
    }
  }
}
