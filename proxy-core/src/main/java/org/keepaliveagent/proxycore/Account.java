package org.keepaliveagent.proxycore;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is counted of one request and its answer; there is none unless the configuration has a log,
 * or a variable that tells of it, see {@link AccountVariables}.
 */
final class Account {
  /** More of a body would be in a file in nginx, and not in {@code $request_body}. */
  static final int MAX_BODY = 16 * 1024;

  private final long startNanos;
  private final ByteCount connection;
  private final RequestMeter requests;
  private final long sentBefore;
  private final @Nullable StringBuilder body;
  private final List<Attempt> attempts = new ArrayList<>(1);

  private int status;
  private @Nullable HttpHeaders headers;
  private long headBytes;
  private long sent;
  private long requestLength;
  private boolean over;

  /**
   * @param connection the client's
   * @param requests of the same connection
   * @param previousEndNanos when the request before was over
   * @param keepsBody whether the request's body is kept
   */
  Account(ByteCount connection, RequestMeter requests, long previousEndNanos, boolean keepsBody) {
    this.connection = connection;
    this.requests = requests;
    sentBefore = connection.sent();
    body = keepsBody ? new StringBuilder() : null;
    long firstByte = requests.firstByteNanos();
    startNanos = previousEndNanos - firstByte > 0 ? previousEndNanos : firstByte;
  }

  /** The head of the answer is sent. */
  void responds(HttpResponse head, long bytes) {
    status = head.status().code();
    headers = head.headers();
    headBytes = bytes;
  }

  /** It has no answer, for this reason; an answer that has begun stays. */
  void unanswered(int reason) {
    if (status == 0) {
      status = reason;
    }
  }

  /** Nothing more of the answer is sent. */
  void over() {
    if (!attempts.isEmpty()) {
      attempts.get(attempts.size() - 1).over(); // A tunnel, whose exchange is over long ago.
    }
    sent = sent();
    requestLength = requestLength();
    over = true;
  }

  /** A part of the body that is on its way to an upstream. */
  void body(ByteBuf part) {
    if (body != null && body.length() <= MAX_BODY) {
      body.append(part.toString(StandardCharsets.ISO_8859_1));
    }
  }

  /** Null where there is none, or too much of it. */
  @Nullable String body() {
    boolean whole = body != null && body.length() > 0 && body.length() <= MAX_BODY;
    return whole ? String.valueOf(body) : null;
  }

  void attempt(Attempt next) {
    attempts.add(next);
  }

  boolean hasAttempts() {
    return !attempts.isEmpty();
  }

  /** Facts of all attempts; null without any. */
  @Nullable String attempts(Function<Attempt, String> fact) {
    if (attempts.isEmpty()) {
      return null;
    }
    StringBuilder all = new StringBuilder();
    for (Attempt attempt : attempts) {
      if (attempt != attempts.get(0)) {
        all.append(attempt.isRedirected() ? " : " : ", ");
      }
      all.append(fact.apply(attempt));
    }
    return all.toString();
  }

  /** A header of the last upstream's response. */
  @Nullable String upstreamHeader(CharSequence name) {
    return attempts.isEmpty() ? null : attempts.get(attempts.size() - 1).header(name);
  }

  @Nullable String sentHeader(CharSequence name) {
    return headers == null ? null : headers.get(name);
  }

  int status() {
    return status;
  }

  long sent() {
    return over ? sent : connection.sent() - sentBefore;
  }

  /** Without the answer's head, with the marks of chunks. */
  long bodySent() {
    return Math.max(0, sent() - headBytes);
  }

  long requestLength() {
    return over ? requestLength : requests.length();
  }

  long millis() {
    return (System.nanoTime() - startNanos) / 1_000_000;
  }
}
