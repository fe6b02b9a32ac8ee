package org.keepaliveagent.proxycore;

import io.netty.channel.Channel;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What goes wrong with an upstream, and what its client is told of it. */
final class UpstreamFailure {
  private UpstreamFailure() {}

  static IOException closed(boolean withinResponse) {
    return new IOException(
        withinResponse
            ? "upstream closed the connection within a response"
            : "upstream closed the connection before a response");
  }

  /**
   * The codec has read what is no response, or the end of the connection within a head.
   *
   * @param connection null when it is in use no more
   */
  static IOException unreadable(
      Throwable cause, @Nullable Channel connection, boolean withinResponse) {
    return connection != null && !connection.isActive() ? closed(withinResponse) : invalid(cause);
  }

  private static IOException invalid(Throwable cause) {
    IOException invalid = new ProtocolException("upstream sent what is no HTTP response: " + cause);
    invalid.initCause(cause);
    return invalid;
  }

  static IOException switchedProtocols() {
    return new IOException("upstream switched protocols, which is not supported");
  }

  static IOException silent(Duration time) {
    return new SocketTimeoutException("no data from upstream for " + time.toMillis() + " ms");
  }

  static HttpResponseStatus status(Throwable cause) {
    boolean timeout =
        cause instanceof ConnectTimeoutException || cause instanceof SocketTimeoutException;
    return timeout ? HttpResponseStatus.GATEWAY_TIMEOUT : HttpResponseStatus.BAD_GATEWAY;
  }
}
