package org.keepaliveagent.proxycore;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import org.jspecify.annotations.Nullable;

/** What is counted of one attempt to have a request answered by an upstream. */
final class Attempt {
  static final long NEVER = -1;

  private final Upstream upstream;
  private final @Nullable Peer peer;
  private final boolean redirected;
  private final long startNanos = System.nanoTime();

  private long connectNanos = NEVER;
  private long headNanos = NEVER;
  private long endNanos = NEVER;
  private int status;
  private @Nullable HttpHeaders headers;
  private @Nullable ByteCount bytes;
  private @Nullable ResponseGuard guard;
  private long receivedBefore;
  private long sentBefore;
  private long received;
  private long sent;
  private long bodyBytes;

  /**
   * @param peer null where none could be had, which is a failure
   * @param redirected whether the request has come to another upstream by an internal redirection
   */
  Attempt(Upstream upstream, @Nullable Peer peer, boolean redirected) {
    this.upstream = upstream;
    this.peer = peer;
    this.redirected = redirected;
    status = peer == null ? HttpResponseStatus.BAD_GATEWAY.code() : 0;
  }

  /** Of the peer, or the upstream's name. */
  String address() {
    return peer == null ? upstream.name() : Proxy.text(peer.address());
  }

  boolean isRedirected() {
    return redirected;
  }

  /** There is a connection. */
  void connected(Channel connection) {
    connectNanos = System.nanoTime() - startNanos;
    bytes = ByteCount.of(connection);
    guard = ResponseGuard.of(connection);
    receivedBefore = bytes == null ? 0 : bytes.received();
    sentBefore = bytes == null ? 0 : bytes.sent();
  }

  /** The head of the final response is here. */
  void responds(HttpResponse head) {
    headNanos = System.nanoTime() - startNanos;
    status = head.status().code();
    headers = head.headers();
  }

  /** It has failed; a status that the upstream has sent stays. */
  void failed(int instead) {
    if (status == 0) {
      status = instead;
    }
  }

  /** It is over; only the first call counts. */
  void over() {
    if (endNanos != NEVER) {
      return;
    }
    endNanos = System.nanoTime() - startNanos;
    if (bytes != null) {
      received = bytes.received() - receivedBefore;
      sent = bytes.sent() - sentBefore;
    }
    if (guard != null && headNanos != NEVER) {
      bodyBytes = guard.bodyBytes();
    }
  }

  String status() {
    return status == 0 ? "-" : String.valueOf(status);
  }

  String connectTime() {
    return seconds(connectNanos);
  }

  String headTime() {
    return seconds(headNanos);
  }

  String time() {
    return seconds(endNanos);
  }

  private static String seconds(long nanos) {
    return nanos == NEVER ? "-" : LogTime.seconds(nanos / 1_000_000);
  }

  String bodyBytes() {
    return String.valueOf(bodyBytes);
  }

  String received() {
    return String.valueOf(received);
  }

  String sent() {
    return String.valueOf(sent);
  }

  @Nullable String header(CharSequence name) {
    return headers == null ? null : headers.get(name);
  }
}
