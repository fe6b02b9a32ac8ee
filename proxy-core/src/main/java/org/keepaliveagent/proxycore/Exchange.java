package org.keepaliveagent.proxycore;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
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
  private final RequestRelay body;
  private final UpstreamTimer timer;
  private final ResponseRelay response;
  private final long begun = System.nanoTime();

  private Attempts attempts;

  /** Whether the client's read is over in which the request came: its end brings things on. */
  private boolean later;

  private @Nullable Channel connecting;
  private @Nullable Channel connection;

  /**
   * The request is sent as it is given here.
   *
   * @param tlsName of the server that TLS has to lead to, empty without TLS
   * @param body what is here of its body, or will be
   */
  Exchange(Turn client, Action.Pass pass, String tlsName, HttpRequest request, RequestBody body) {
    this.client = client;
    this.pass = pass;
    this.request = request;
    this.body = new RequestRelay(this, request, body);
    this.timer = new UpstreamTimer(client.worker().loop(), this);
    this.attempts =
        new Attempts(
            pass.upstream(),
            client.worker(),
            pass.tls(),
            tlsName,
            client.dispatch().request().account());
    this.response = new ResponseRelay(this, client, pass.responseBuffers());
  }

  /** Begins: with the search for the upstream's addresses, where they are not known. */
  void begin() {
    if (pass.lookup() == null) {
      start();
    } else {
      pass.lookup().begin(client.worker(), this);
    }
  }

  /** It takes the place of another one. */
  void beginsLater() {
    later = true;
  }

  void resolved(Upstream upstream) {
    if (client.exchange() == this) {
      attempts = attempts.at(upstream);
      later = true;
      start();
    }
  }

  void unresolved() {
    if (client.exchange() == this) {
      giveUp(502);
    }
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
   * of the request's body that was sent is still here, as with {@code proxy_request_buffering on}
   * it always is.
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
    body.restart();
    choosePeer();
    attempts.begin();
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
      if (later) {
        leased.flush();
        client.readMore();
      }
    }
    later = true;
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
      attemptFailed(cause);
    }
  }

  private void use(Channel leased) {
    connection = leased;
    attempts.connected(leased);
    UpstreamHandler.of(leased).attach(this);
    timer.start(sendTimeout(leased), readTimeout(leased));
    ResponseGuard.of(leased).expect(request.method(), pass.responseBuffers().head());
    sendHead(leased, request);
    body.begin(leased);
    leased.read();
  }

  /** For how long the upstream may take nothing of the request on this connection. */
  public Duration sendTimeout(Channel connection) {
    return pass.sendTimeout();
  }

  /** For how long the upstream may be silent on this connection. */
  public Duration readTimeout(Channel connection) {
    return pass.readTimeout();
  }

  /** Writes the request's head, the only place that does; nothing changes its headers later. */
  public void sendHead(Channel connection, HttpRequest head) {
    connection.write(head, connection.voidPromise());
  }

  /** The rest of the request. */
  RequestRelay body() {
    return body;
  }

  ResponseRelay response() {
    return response;
  }

  UpstreamTimer timer() {
    return timer;
  }

  void clientWritable() {
    timer.progress();
    response.clientWritable();
    readUpstream();
  }

  void upstreamWritable() {
    body.send();
    client.readMore();
  }

  /** The head of the final response has come. */
  void finalHead(Channel from, HttpResponse head) {
    attempts.responds(head);
    responseHead(from, head);
  }

  /**
   * The head of the final response has arrived; passes it to the client, if no error page takes its
   * place. Until here the request may be {@linkplain #replayable() replayable}.
   */
  public void responseHead(Channel connection, HttpResponse head) {
    if (client.dispatch().intercepts(head)) {
      giveUp(head.status().code());
      return;
    }
    body.forget();
    if (head.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
      switchProtocols(connection, head);
    } else {
      response.head(head, request.method());
    }
  }

  private void switchProtocols(Channel used, HttpResponse head) {
    timer.stop();
    body.release();
    connection = null;
    UpstreamHandler.of(used).detach();
    used.closeFuture().addListener(closed -> attempts.end());
    response.switching(head);
    boolean asked = request.headers().contains(HttpHeaderNames.UPGRADE);
    client.tunnel(used, asked, readTimeout(used));
  }

  /** The upstream is done, also where the client is not. */
  void complete(ResponseFraming framing) {
    timer.stop();
    attempts.over();
    Channel used = connection;
    connection = null;
    if (used != null) {
      boolean whole = framing.framed() && body.isEnded();
      UpstreamHandler.of(used).release(whole && !client.worker().isStopping());
    }
    attempts.end();
    body.release();
    response.end();
  }

  void upstreamReadComplete() {
    timer.progress();
    client.flush();
    readUpstream();
  }

  private void readUpstream() {
    if (connection != null && response.takesMore()) {
      connection.read();
    }
  }

  /** Counts an attempt as failed before anybody can begin another one. */
  void attemptFailed(Throwable cause) {
    attempts.failed(cause);
    failed(cause);
  }

  /**
   * The attempt has failed, the only place that treats it: nothing of a final response passed on
   * yet makes an error page, 504 for a time-out and else 502; later the client's connection is cut.
   *
   * @param cause an {@link java.io.IOException}, except for defects of this program; {@link
   *     java.net.ConnectException} when there was no connection, {@link
   *     java.net.SocketTimeoutException} when the upstream was silent, or took nothing
   */
  public void failed(Throwable cause) {
    giveUp(UpstreamFailure.status(cause).code());
  }

  /** Ends with an error page, or with a cut where a response has begun. */
  void giveUp(int status) {
    abandon();
    attempts.end();
    if (response.isFinal()) {
      body.release();
      client.cut();
    } else {
      client.answer(status);
    }
  }

  /** Ends without an answer, for one when the client has gone. */
  void abort() {
    abandon();
    attempts.end();
    body.release();
    response.release();
  }

  /** Whether its attempts are counted. */
  boolean isCounted() {
    return attempts.areCounted();
  }

  /** Closes the connection that is in use or on its way, and hears no more of it. */
  private void abandon() {
    timer.stop();
    attempts.over();
    body.stop();
    response.restart();
    Channel pending = connecting;
    connecting = null;
    if (pending != null) {
      pending.close();
    }
    Channel used = connection;
    connection = null;
    if (used != null) {
      UpstreamHandler.of(used).release(false);
    }
  }
}
