package org.keepaliveagent.proxycore;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The part of a request's body that is here: what is still to be sent, and, as long as the body can
 * be sent again from its start, what has been sent.
 *
 * <p>A body that the upstream gets as a whole is kept until it is answered, in memory and in a
 * file. One that is passed on as it comes is kept while it fits into memory.
 */
final class RequestBody {
  private final RequestBuffers buffers;
  private final boolean whole;
  private final boolean passed;
  private final Spool spool;
  private @Nullable LastHttpContent end;
  private long sentBytes;
  private boolean ended;
  private boolean empty = true;

  /**
   * @param whole whether the upstream gets it as a whole
   * @param passed whether the upstream gets it at all
   */
  RequestBody(RequestBuffers buffers, boolean whole, boolean passed) {
    this.buffers = buffers;
    this.whole = whole;
    this.passed = passed;
    spool = new Spool(buffers.memory(), buffers.files(), true);
  }

  /** Adds the next part and takes over its reference. */
  void add(HttpContent part) throws IOException {
    if (part instanceof LastHttpContent last) {
      HttpHeaders trailers = last.trailingHeaders();
      end =
          whole || trailers.isEmpty()
              ? LastHttpContent.EMPTY_LAST_CONTENT
              : withTrailers(Unpooled.EMPTY_BUFFER, trailers);
    }
    if (!passed || !part.content().isReadable()) {
      part.release();
      return;
    }
    empty = false;
    spool.add(part.content());
    if (whole && spool.isOverflowing()) {
      spool.shrink();
    }
  }

  /** The next part to be sent, with a reference for the receiver; null when none is here. */
  @Nullable HttpContent next(ByteBufAllocator allocator) throws IOException {
    if (ended) {
      return null;
    }
    ByteBuf bytes = spool.take(allocator);
    if (bytes == null) {
      ended = end != null;
      return end;
    }
    sentBytes += bytes.readableBytes();
    if (!whole && sentBytes > buffers.memory()) {
      spool.forget();
    }
    if (end != null && spool.left() == 0) {
      ended = true;
      return withTrailers(bytes, end.trailingHeaders());
    }
    return new DefaultHttpContent(bytes);
  }

  private static LastHttpContent withTrailers(ByteBuf bytes, HttpHeaders trailers) {
    LastHttpContent last = new DefaultLastHttpContent(bytes);
    last.trailingHeaders().set(trailers);
    return last;
  }

  boolean hasNext() {
    return !ended && (end != null || spool.left() > 0);
  }

  /** Whether the upstream may be asked: what it gets first is here. */
  boolean isReady() {
    return !whole || end != null;
  }

  /** How long it is; only when all of it is here. */
  long size() {
    return spool.size();
  }

  /** Whether nothing has come of it but its end. */
  boolean isEmpty() {
    return empty;
  }

  /** Whether the last part has been sent. */
  boolean isEnded() {
    return ended;
  }

  /** Whether {@link #rewind()} is possible: nothing that was sent has been dropped. */
  boolean isReplayable() {
    return spool.isKept();
  }

  /** Starts again with the first part. */
  void rewind() {
    if (!spool.isKept()) {
      throw new IllegalStateException("the start of the request body is gone");
    }
    spool.rewind();
    sentBytes = 0;
    ended = false;
  }

  /** Drops the sent parts; the body cannot be sent again. */
  void forget() {
    spool.forget();
  }

  /** Drops everything. */
  void release() {
    spool.close();
  }
}
