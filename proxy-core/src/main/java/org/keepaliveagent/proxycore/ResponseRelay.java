package org.keepaliveagent.proxycore;

import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;

/** Passes the responses to one request on to the client: interim ones, and the final one. */
final class ResponseRelay {
  private final Turn client;
  private @Nullable ResponseFraming framing;
  private boolean started;
  private boolean inInterim;

  ResponseRelay(Turn client) {
    this.client = client;
  }

  /** Whether the client has been sent anything, interim responses included. */
  boolean isStarted() {
    return started;
  }

  /** Whether the client has been sent the head of the final response. */
  boolean isFinal() {
    return framing != null;
  }

  /** Another attempt answers from its start. */
  void restart() {
    inInterim = false;
  }

  void interim(HttpResponse head) {
    inInterim = true;
    if (!client.isHttp10()) {
      started = true;
      client.write(
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1,
              head.status(),
              LastHttpContent.EMPTY_LAST_CONTENT.content(),
              head.headers(),
              EmptyHttpHeaders.INSTANCE));
    }
  }

  void head(HttpResponse head, HttpMethod method) {
    started = true;
    client.dispatch().setStatus(head);
    framing = ResponseFraming.apply(head, method, client.isHttp10(), client.keepsAlive());
    ResponseHeaders.add(head, client.dispatch(), framing.keepAlive());
    client.write(head);
  }

  /**
   * Passes a part of the body on and takes over its reference, except for the last part of the
   * final response, which is the exchange's to end with.
   *
   * @return the framing of the final response when this is its last part
   */
  @Nullable ResponseFraming content(HttpContent part) {
    if (inInterim) {
      inInterim = !(part instanceof LastHttpContent);
      part.release();
    } else if (part instanceof LastHttpContent && framing != null) {
      return framing;
    } else {
      client.write(part);
    }
    return null;
  }
}
