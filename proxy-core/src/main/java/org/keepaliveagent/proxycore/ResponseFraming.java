package org.keepaliveagent.proxycore;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;

/**
 * How the ends of a response are marked: by the upstream, and for the client.
 *
 * @param framed whether the upstream's connection outlives the response: it has no body, a length
 *     or chunks, and does not end with the connection
 * @param keepAlive whether the client's connection outlives the response
 */
record ResponseFraming(boolean framed, boolean keepAlive) {

  /**
   * Frames a response for a client, in its head; no header is touched that need not be.
   *
   * <p>An HTTP/1.0 client gets no chunks, an HTTP/1.1 client gets chunks where the upstream ended
   * its response by closing. A {@code Connection: close} of the upstream passes like any header,
   * and since the client is told so, its connection is closed too.
   */
  static ResponseFraming apply(
      HttpResponse head, HttpMethod method, boolean clientIsHttp10, boolean clientKeepsAlive) {
    HttpHeaders headers = head.headers();
    int status = head.status().code();
    boolean bodyless = method.equals(HttpMethod.HEAD) || status == 204 || status == 304;
    boolean chunked = HttpUtil.isTransferEncodingChunked(head);
    boolean framed = bodyless || chunked || headers.contains(HttpHeaderNames.CONTENT_LENGTH);
    boolean keepAlive =
        clientKeepsAlive
            && !headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE, true);
    if (clientIsHttp10) {
      keepAlive &= bodyless || (framed && !chunked);
      HttpUtil.setTransferEncodingChunked(head, false);
    } else if (!framed) {
      HttpUtil.setTransferEncodingChunked(head, true);
    }
    head.setProtocolVersion(HttpVersion.HTTP_1_1);
    announce(headers, clientIsHttp10, keepAlive);
    return new ResponseFraming(framed, keepAlive);
  }

  /** Tells the client what becomes of its connection, where that is not understood. */
  static void announce(HttpHeaders headers, boolean clientIsHttp10, boolean keepAlive) {
    if (!keepAlive) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    } else if (clientIsHttp10) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
    }
  }
}
