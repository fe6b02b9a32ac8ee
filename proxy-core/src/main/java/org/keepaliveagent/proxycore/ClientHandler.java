package org.keepaliveagent.proxycore;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The end of a client connection's pipeline: gives each request its {@link Turn}, one after the
 * other.
 *
 * <p>While a request waits for its answer one read is pending, so that a client that goes away is
 * noticed; a pipelined request that comes in by it waits here, and nothing more is read.
 */
@SuppressWarnings("FutureReturnValueIgnored") // See package-info.
final class ClientHandler extends ChannelInboundHandlerAdapter {
  /** Tells a client connection that the proxy is stopping. */
  static final Object STOP = new Object();

  private final SocketChannel channel;
  private final ListeningSocket.Service service;
  private final Worker worker;
  private final RequestGuard guard;
  private final @Nullable ClientLog log;
  private final ClientAddresses addresses;
  private final ClientState state;
  private final ArrayDeque<HttpObject> waiting = new ArrayDeque<>();

  private @Nullable Turn turn;
  private int requests;
  private boolean hasRead;
  private boolean advancing;
  private boolean closing;
  private boolean silent;

  /**
   * @param guard of the same connection
   * @param log of the same connection, null for none
   */
  ClientHandler(
      SocketChannel channel,
      ListeningSocket.Service service,
      Worker worker,
      RequestGuard guard,
      @Nullable ClientLog log) {
    this.channel = channel;
    this.service = service;
    this.worker = worker;
    this.guard = guard;
    this.log = log;
    addresses = new ClientAddresses(channel);
    state =
        new ClientState(
            channel, service.server(""), worker.counts(), this::isAwaited, this::silent);
  }

  Worker worker() {
    return worker;
  }

  @Nullable Exchange exchange() {
    return turn == null ? null : turn.exchange();
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    worker.enter(channel);
    state.begin();
    readMore();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == STOP) {
      stopWhenIdle();
    } else if (event instanceof SslHandshakeCompletionEvent end && end.isSuccess()) {
      addresses.encrypted(ctx.pipeline().get(SslHandler.class).engine().getSession());
    } else if (event instanceof SslCloseCompletionEvent) {
      channel.close();
    }
  }

  private void stopWhenIdle() {
    // One that has never asked is not idle: its first request may be on its way.
    if (worker.isStopping() && requests > 0 && turn == null && !closing) {
      channel.close();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    hasRead = true;
    if (closing) {
      ReferenceCountUtil.release(message);
    } else if (waiting.isEmpty() && takesMore()) {
      take((HttpObject) message);
    } else {
      waiting.add((HttpObject) message);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (turn != null) {
      turn.clientReadComplete();
    } else if (!hasRead) {
      state.reading(); // Something has come, but no whole head yet.
    }
    hasRead = false;
    readMore();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (channel.isWritable()) {
      if (turn != null) {
        turn.clientWritable();
      }
      advance();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    state.closed();
    if (turn == null && waiting.peek() instanceof HttpRequest half) {
      // It has a line in the log, and no answer.
      ask(half, RequestTarget.of(half.uri())).unanswered(silent ? 408 : 400);
    }
    closing();
    if (turn != null) {
      turn.abort();
      turn = null;
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    channel.close();
  }

  /**
   * Asks for more of what can be used now: a request, its body, or the news of the client's end.
   */
  void readMore() {
    boolean wanted = waiting.isEmpty() && takesMore();
    if (turn != null) {
      wanted = turn.isRequestOpen() ? turn.wantsContent() : waiting.isEmpty();
    }
    if (wanted && !closing) {
      channel.read();
    }
  }

  /** Whether the next message can be taken: of the current request, or of the next one. */
  private boolean takesMore() {
    return turn == null ? channel.isWritable() : turn.isRequestOpen();
  }

  /** Goes on with what waits. */
  private void advance() {
    if (advancing) {
      return;
    }
    advancing = true;
    while (!closing && !waiting.isEmpty() && takesMore()) {
      take(waiting.remove());
    }
    advancing = false;
    readMore();
  }

  private void take(HttpObject message) {
    if (message instanceof HttpRequest request) {
      begin(request);
    }
    if (message instanceof HttpContent part) {
      if (turn == null || closing) {
        part.release();
      } else {
        turn.content(part);
      }
    }
  }

  private void begin(HttpRequest request) {
    RequestTarget target = RequestTarget.of(request.uri());
    boolean connect = request.method().equals(HttpMethod.CONNECT);
    boolean readable = request.decoderResult().isSuccess() && (connect || target != null);
    state.writing();
    turn = new Turn(channel, this, state, request, readable, ask(request, target));
    boolean encrypted = !service.isTls() || addresses.isTls();
    turn.begin(readable && encrypted ? 0 : 400);
  }

  /** The request as variables and logs have it. */
  private ClientRequest ask(HttpRequest request, @Nullable RequestTarget target) {
    requests++;
    ClientRequest asked =
        new ClientRequest(
            addresses,
            requests,
            service.server(ClientRequest.host(request.uri(), request.headers())),
            target == null ? RequestTarget.unreadable(request.uri()) : target,
            request.decoderResult().isFailure() ? guard.refusedStart() : null,
            request);
    if (log != null) {
      log.begin(asked);
    }
    return asked;
  }

  /** Whether the connection is kept after the current request; from now on these limits hold. */
  boolean keep(ClientLimits limits) {
    state.limit(limits);
    return limits.keep(requests, state.ageNanos());
  }

  /** The current request has been answered. */
  void next() {
    turn = null;
    if (waiting.isEmpty()) {
      state.waiting();
    }
    advance();
  }

  /** The current request has been answered with a 101, and its upstream is met directly. */
  void tunnel(Channel upstream, boolean asked, Duration limit) {
    if (waiting.isEmpty()) {
      Tunnel.open(channel, upstream, asked, limit);
    } else {
      // Taken for a request before the upstream was heard; it cannot be passed on as it came.
      upstream.close();
      channel.close();
    }
  }

  /** The connection ends; nothing that comes is looked at any more. */
  void closing() {
    closing = true;
    waiting.forEach(ReferenceCountUtil::release);
    waiting.clear();
  }

  /** Whether nothing goes on before the client has sent something. */
  private boolean isAwaited() {
    return turn == null || turn.wantsContent();
  }

  /** A time is over in which the client should have done something. */
  private void silent() {
    silent = true;
    if (turn == null) {
      channel.close();
    } else {
      turn.dispatch().request().unanswered(408);
      turn.cut();
    }
  }
}
