package org.keepaliveagent.proxycore;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One request of a client and its response: leases or opens an upstream connection and passes both
 * messages on as they come.
 *
 * <p>Everything happens on the event loop that the client's channel and the upstream's channel
 * share. Both are read only on demand: the client while the upstream takes its data, the upstream
 * while the client does.
 *
 * <pre>
 * start → (lease | connect) → sendHead → request body …
 *                                      → responseHead → response body … → park or close, next request
 *       any failure → failed → error page, or cut
 * </pre>
 */
@SuppressWarnings("FutureReturnValueIgnored") // See package-info.
public final class Exchange {
  private final Turn client;
  private final Action.Pass pass;
  private final HttpRequest request;
  private final RequestBody body;
  private final Attempts attempts;
  private final ReadTimer timer;
  private final ResponseRelay response;
  private final long begun = System.nanoTime();

  private @Nullable Channel connecting;
  private @Nullable Channel connection;

  /**
   * The request is sent as it is given here.
   *
   * @param earlier what is here of its body, when an exchange before this one has failed
   */
  Exchange(Turn client, Action.Pass pass, HttpRequest request, @Nullable RequestBody earlier) {
    this.body = earlier == null ? new RequestBody() : earlier;
    this.client = client;
    this.pass = pass;
    this.request = request;
    this.timer = new ReadTimer(client.worker().loop(), this);
    this.attempts = new Attempts(pass.upstream(), client.worker());
    this.response = new ResponseRelay(client);
  }

  /** The request's method, for example {@code GET}. */
  public String method() {
    return request.method().name();
  }

  /** A header of the request as it is sent, or null. */
  public @Nullable String header(String name) {
    return request.headers().get(name);
  }

  /** The pool of the peer that the current attempt goes to; null when there is none. */
  public @Nullable ConnectionPool pool() {
    return attempts.pool();
  }

  /** Nanoseconds since it began. */
  public long ageNanos() {
    return System.nanoTime() - begun;
  }

  /**
   * The upstream connection in use, also (closed or not) while {@link #failed} begins; null before
   * there is one and after a failed connect.
   */
  public @Nullable Channel connection() {
    return connection;
  }

  /** Whether the client has been sent anything of a response, interim ones included. */
  public boolean responseStarted() {
    return response.isStarted();
  }

  /**
   * Whether {@link #start()} may be called again: the client has been sent nothing, and everything
   * of the request's body that was sent is still here ({@value RequestBody#KEPT_BYTES} bytes at
   * most), or it has no body.
   */
  public boolean replayable() {
    return !response.isStarted() && body.isReplayable();
  }

  /**
   * Leases a connection, or opens one when there is none to lease, and sends the request from its
   * start. Natively called once. May be called again after a failure, or instead of its treatment
   * in {@link #failed}, while {@link #replayable()} and the client is there; a connection still in
   * use is closed then. Never throws for a failure of the upstream: that ends in {@link #failed}.
   *
   * @throws IllegalStateException when the request can no longer be sent from its start
   */
  public void start() {
    abandon();
    body.rewind();
    choosePeer();
    ConnectionPool pool = pool();
    if (pool == null) {
      giveUp(502); // nginx: no live upstreams.
      return;
    }
    Channel leased = pool.lease(this);
    if (leased == null) {
      connecting = ConnectAttempt.begin(client.worker().loop(), pool, this, pass.connectTimeout());
    } else {
      use(leased);
    }
  }

  /**
   * Goes on to the peer whose turn it is, the only place that does; called before each attempt.
   * Left out, the next attempt goes to the peer of the one before, if there was one.
   */
  public void choosePeer() {
    attempts.next();
  }

  void connected(Channel opened) {
    connecting = null;
    use(opened);
    opened.flush();
    client.readMore();
  }

  void connectFailed(Channel channel, Throwable cause) {
    if (connecting == channel) {
      connecting = null;
      failed(cause);
    }
  }

  private void use(Channel leased) {
    connection = leased;
    UpstreamHandler.of(leased).attach(this);
    timer.start(readTimeout(leased));
    ResponseGuard.of(leased).expect(request.method());
    sendHead(leased, request);
    sendBody();
    leased.read();
  }

  /** For how long the upstream may be silent on this connection. */
  public Duration readTimeout(Channel connection) {
    return pass.readTimeout();
  }

  /** Writes the request's head, the only place that does; nothing changes its headers later. */
  public void sendHead(Channel connection, HttpRequest head) {
    connection.write(head, connection.voidPromise());
  }

  /** Sends what is here of the body while the upstream takes it; a failing write ends the use. */
  private void sendBody() {
    Channel to = connection;
    while (to != null && to == connection && to.isWritable()) {
      HttpContent part = body.next();
      if (part == null) {
        return;
      }
      boolean last = body.isEnded();
      to.write(part, to.voidPromise());
      timer.progress();
      if (last || !to.isWritable()) {
        to.flush();
      }
    }
  }

  /** The client has sent a part of the request's body; takes over its reference. */
  void requestContent(HttpContent part) {
    body.add(part);
    sendBody();
  }

  void clientReadComplete() {
    if (connection != null && !body.isEnded()) {
      connection.flush();
    }
  }

  void clientWritable() {
    timer.progress();
    if (connection != null) {
      connection.read();
    }
  }

  void upstreamWritable() {
    sendBody();
    client.readMore();
  }

  /** Whether the client's channel is to be read for more of the body. */
  boolean wantsContent() {
    return connection != null && connection.isWritable() && !body.hasNext();
  }

  /** The upstream has sent something; takes over its reference. */
  void received(Channel from, HttpObject message) {
    if (message.decoderResult().isFailure()) {
      ReferenceCountUtil.release(message);
      Throwable cause = message.decoderResult().cause();
      failed(UpstreamFailure.unreadable(cause, connection, response.isFinal()));
    } else if (message instanceof HttpContent part) {
      responseContent(part);
    } else if (message instanceof HttpResponse head) {
      if (head.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
        failed(UpstreamFailure.switchedProtocols());
      } else if (head.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
        response.interim(head);
      } else {
        finalHead(from, head);
      }
    }
  }

  private void finalHead(Channel from, HttpResponse head) {
    if (client.dispatch().intercepts(head)) {
      giveUp(head.status().code());
    } else {
      responseHead(from, head);
    }
  }

  /**
   * The head of the final response has arrived; passes it to the client. Until here the request may
   * be {@linkplain #replayable() replayable}.
   */
  public void responseHead(Channel connection, HttpResponse head) {
    body.forget();
    response.head(head, request.method());
  }

  private void responseContent(HttpContent part) {
    ResponseFraming framing = response.content(part);
    if (framing != null) {
      complete(framing, part);
    }
  }

  private void complete(ResponseFraming framing, HttpContent last) {
    timer.stop();
    Channel used = connection;
    connection = null;
    if (used != null) {
      UpstreamHandler handler = UpstreamHandler.of(used);
      handler.detach();
      boolean clean = ResponseGuard.of(used).isClean() && !client.worker().isStopping();
      if (framing.framed() && body.isEnded() && clean) {
        handler.pool().park(used);
      } else {
        used.close();
      }
    }
    attempts.end();
    body.release();
    client.end(last, framing.keepAlive());
  }

  void upstreamReadComplete() {
    timer.progress();
    client.flush();
    if (client.isWritable() && connection != null) {
      connection.read();
    }
  }

  /** The upstream's connection has ended, and it was not closed from here. */
  void lost() {
    failed(UpstreamFailure.closed(response.isFinal()));
  }

  void timedOut(Duration silence) {
    failed(UpstreamFailure.silent(silence));
  }

  /**
   * The attempt has failed, the only place that treats it: nothing of a final response passed on
   * yet makes an error page, 504 for a time-out and else 502; later the client's connection is cut.
   *
   * @param cause an {@link java.io.IOException}, except for defects of this program; {@link
   *     java.net.ConnectException} when there was no connection, {@link
   *     java.net.SocketTimeoutException} when the upstream was silent
   */
  public void failed(Throwable cause) {
    giveUp(UpstreamFailure.status(cause).code());
  }

  /** The client's request has turned out to be one that is not served. */
  void refuse(int status) {
    giveUp(status);
  }

  private void giveUp(int status) {
    abandon();
    attempts.end();
    if (response.isFinal()) {
      body.release();
      client.cut();
    } else {
      client.answer(status);
    }
  }

  /** The request's body, for another exchange; null when its start is gone. */
  @Nullable RequestBody handOver() {
    return body.isReplayable() ? body : null;
  }

  /** Ends without an answer, for one when the client has gone. */
  void abort() {
    abandon();
    attempts.end();
    body.release();
  }

  /** Whether only the upstream can make this exchange go on. */
  boolean awaitsUpstream() {
    if (connection == null || !client.isWritable()) {
      return false;
    }
    boolean awaitsContinue =
        !response.isStarted() && !body.isStarted() && HttpUtil.is100ContinueExpected(request);
    return body.isEnded() || body.hasNext() || awaitsContinue;
  }

  /** Closes the connection that is in use or on its way, and hears no more of it. */
  private void abandon() {
    timer.stop();
    response.restart();
    Channel pending = connecting;
    connecting = null;
    if (pending != null) {
      pending.close();
    }
    Channel used = connection;
    connection = null;
    if (used != null) {
      UpstreamHandler.of(used).detach();
      used.close();
    }
  }
}
