package org.keepaliveagent.proxycore;

import io.netty.channel.Channel;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.time.Duration;

/** What goes wrong with an upstream, and what its client is told of it. */
final class UpstreamFailure {
  private UpstreamFailure() {}

  static IOException closed(boolean withinResponse) {
    return new IOException(
        withinResponse
            ? "upstream closed the connection within a response"
            : "upstream closed the connection before a response");
  }

  /** The codec has read what is no response, or the end of the connection within a head. */
  static IOException unreadable(Throwable cause, Channel connection, boolean withinResponse) {
    if (ResponseGuard.of(connection).isHeadTooBig()) {
      return invalid("upstream sent too big header", cause);
    }
    return connection.isActive()
        ? invalid("upstream sent what is no HTTP response: " + cause, cause)
        : closed(withinResponse);
  }

  private static IOException invalid(String what, Throwable cause) {
    IOException invalid = new ProtocolException(what);
    invalid.initCause(cause);
    return invalid;
  }

  static IOException timedOut(boolean unsent, Duration time) {
    return new SocketTimeoutException(
        (unsent ? "upstream took no data for " : "no data from upstream for ")
            + time.toMillis()
            + " ms");
  }

  static HttpResponseStatus status(Throwable cause) {
    boolean timeout =
        cause instanceof ConnectTimeoutException || cause instanceof SocketTimeoutException;
    return timeout ? HttpResponseStatus.GATEWAY_TIMEOUT : HttpResponseStatus.BAD_GATEWAY;
  }
}
