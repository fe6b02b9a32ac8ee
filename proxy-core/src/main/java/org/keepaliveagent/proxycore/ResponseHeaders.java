package org.keepaliveagent.proxycore;

import io.netty.handler.codec.http.HttpHeaderNames;
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

  /** The head of an answer from here, with its body where that is in memory. */
  static HttpResponse head(
      LocalResponse response, Dispatch dispatch, boolean http10, boolean keepAlive) {
    HttpResponse head = response.message();
    head.headers().set(HttpHeaderNames.SERVER, server(dispatch.settings().serverTokens()));
    head.headers().set(HttpHeaderNames.DATE, HttpDate.now());
    ResponseFraming.announce(head.headers(), http10, keepAlive);
    add(head, dispatch, keepAlive);
    return head;
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
