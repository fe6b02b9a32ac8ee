package org.keepaliveagent.proxycore;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The part of a request's body that is in memory: what is still to be sent, and, as long as the
 * body can be sent again from its start, what has been sent.
 *
 * <p>Sent parts are kept up to {@value #KEPT_BYTES} bytes, nginx's {@code client_body_buffer_size}.
 */
final class RequestBody {
  static final int KEPT_BYTES = 16 * 1024;

  private final List<HttpContent> parts = new ArrayList<>(2);
  private int sent;
  private long sentBytes;
  private boolean started;
  private boolean ended;
  private boolean kept = true;

  /** Adds the next part and takes over its reference. */
  void add(HttpContent part) {
    parts.add(part);
  }

  /** The next part to be sent, with a reference for the receiver; null when none is here. */
  @Nullable HttpContent next() {
    if (!hasNext()) {
      return null;
    }
    HttpContent part = parts.get(sent);
    started = true;
    ended = part instanceof LastHttpContent;
    sentBytes += part.content().readableBytes();
    if (sentBytes > KEPT_BYTES) {
      forget();
    }
    if (!kept) {
      return parts.remove(0);
    }
    sent++;
    return part.retainedDuplicate();
  }

  boolean hasNext() {
    return sent < parts.size();
  }

  /** Whether a part has been sent. */
  boolean isStarted() {
    return started;
  }

  /** Whether the last part has been sent. */
  boolean isEnded() {
    return ended;
  }

  /** Whether {@link #rewind()} is possible: nothing that was sent has been dropped. */
  boolean isReplayable() {
    return kept;
  }

  /** Starts again with the first part. */
  void rewind() {
    if (!kept) {
      throw new IllegalStateException("the start of the request body is gone");
    }
    sent = 0;
    sentBytes = 0;
    started = false;
    ended = false;
  }

  /** Drops the sent parts; the body cannot be sent again. */
  void forget() {
    kept = false;
    List<HttpContent> dropped = parts.subList(0, sent);
    dropped.forEach(HttpContent::release);
    dropped.clear();
    sent = 0;
  }

  /** Drops everything. */
  void release() {
    kept = false;
    parts.forEach(HttpContent::release);
    parts.clear();
    sent = 0;
  }
}
