package org.keepaliveagent.proxycore;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import java.time.Duration;

/**
 * The headers that the configuration and this program give to responses.
 *
 * <p>An upstream's response keeps its own {@code Server} and {@code Date}, or has none: its headers
 * pass as they come, where nginx puts its own in their place.
 */
final class ResponseHeaders {
  private static final String VERSION =
      ResponseHeaders.class.getPackage().getImplementationVersion();

  private ResponseHeaders() {}

  /** Who answers, with a version or without. */
  static String server(boolean withVersion) {
    return withVersion && VERSION != null ? "proxy-core/" + VERSION : "proxy-core";
  }

  /** For a response from here. */
  static void sign(HttpHeaders headers, boolean withVersion) {
    headers.set(HttpHeaderNames.SERVER, server(withVersion));
    headers.set(HttpHeaderNames.DATE, HttpDate.now());
  }

  /** For any response, when it is known what becomes of the client's connection. */
  static void add(HttpResponse head, Dispatch dispatch, boolean keepAlive) {
    LocationSettings settings = dispatch.settings();
    Duration announced = settings.limits().announced();
    if (keepAlive && announced != null) {
      head.headers().set("Keep-Alive", "timeout=" + announced.toSeconds());
    }
    for (AddedHeader header : settings.headers()) {
      header.addTo(head.headers(), head.status().code(), dispatch.request());
    }
  }
}
