package org.keepaliveagent.proxycore;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Passes the body of one request on to the upstream, from its start for each attempt. */
@SuppressWarnings("FutureReturnValueIgnored") // See package-info.
final class RequestRelay {
  /** The status when what is to be kept of a message cannot be. */
  static final int UNSTORED = 500;

  private final Exchange exchange;
  private final HttpRequest head;
  private final RequestBody body;
  private @Nullable Channel to;
  private boolean sent;

  RequestRelay(Exchange exchange, HttpRequest head, RequestBody body) {
    this.exchange = exchange;
    this.head = head;
    this.body = body;
  }

  /** Whether an attempt may begin: what the upstream gets first is here. */
  boolean isReady() {
    return body.isReady();
  }

  /** Whether {@link #restart()} is possible. */
  boolean isReplayable() {
    return body.isReplayable();
  }

  /** The body, for another exchange; null when its start is gone. */
  @Nullable RequestBody handOver() {
    return body.isReplayable() ? body : null;
  }

  /** Goes back to the start of the body. */
  void restart() {
    body.rewind();
    sent = false;
  }

  /** Announces the length of a body that was in chunks, and is sent as a whole. */
  private void frame() {
    if (HttpUtil.isTransferEncodingChunked(head)) {
      head.headers().remove(HttpHeaderNames.TRANSFER_ENCODING);
      head.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.size());
    }
  }

  /** An attempt begins; the head is written. */
  void begin(Channel connection) {
    to = connection;
    send();
  }

  /** The connection is in use no more. */
  void stop() {
    to = null;
  }

  /** The client has sent a part; takes over its reference, and sends it or keeps it. */
  void add(HttpContent part) {
    boolean waiting = !body.isReady();
    try {
      body.add(part);
    } catch (IOException e) {
      exchange.giveUp(UNSTORED);
      return;
    }
    if (waiting && body.isReady()) {
      frame();
      exchange.begin();
    } else {
      send();
    }
  }

  /** Sends what is here while the upstream takes it; a failing write ends the use. */
  void send() {
    try {
      sendParts();
    } catch (IOException e) {
      exchange.giveUp(UNSTORED);
    }
  }

  private void sendParts() throws IOException {
    Channel connection = to;
    while (connection != null && connection == to && connection.isWritable()) {
      HttpContent part = body.next(connection.alloc());
      if (part == null) {
        return;
      }
      exchange.timer().progress();
      if (body.isEnded()) {
        sendLast(connection, part);
      } else {
        connection.write(part, connection.voidPromise());
        if (!connection.isWritable()) {
          connection.flush();
        }
      }
    }
  }

  private void sendLast(Channel connection, HttpContent last) {
    if (body.isEmpty()) {
      sent = true;
      connection.writeAndFlush(last, connection.voidPromise());
    } else {
      connection.writeAndFlush(last).addListener((ChannelFutureListener) this::sent);
    }
  }

  private void sent(ChannelFuture written) {
    Channel connection = written.channel();
    if (!written.isSuccess()) {
      connection.pipeline().fireExceptionCaught(written.cause());
    } else if (connection == to) {
      sent = true;
      exchange.timer().restart();
    }
  }

  void flush() {
    if (to != null && !body.isEnded()) {
      to.flush();
    }
  }

  /** Whether the client's channel is to be read for more. */
  boolean wantsContent() {
    return !body.isReady() || (to != null && to.isWritable() && !body.hasNext());
  }

  /** What can make the request go on. */
  UpstreamTimer.Awaited awaited() {
    if (sent) {
      return UpstreamTimer.Awaited.SEND;
    }
    return body.isEnded() || body.hasNext()
        ? UpstreamTimer.Awaited.TAKE
        : UpstreamTimer.Awaited.NOTHING;
  }

  boolean isEnded() {
    return body.isEnded();
  }

  /** Drops what has been sent; no other attempt can begin. */
  void forget() {
    body.forget();
  }

  /** Drops everything. */
  void release() {
    stop();
    body.release();
  }
}
