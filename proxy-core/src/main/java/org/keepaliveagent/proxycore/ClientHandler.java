package org.keepaliveagent.proxycore;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The end of a client connection's pipeline: makes an {@link Exchange} of each request, one after
 * the other.
 *
 * <p>While an exchange waits for its response one read is pending, so that a client that goes away
 * is noticed; a pipelined request that comes in by it waits here, and nothing more is read.
 */
@SuppressWarnings("FutureReturnValueIgnored") // See package-info.
final class ClientHandler extends ChannelInboundHandlerAdapter {
  /** Tells a client connection that the proxy is stopping. */
  static final Object STOP = new Object();

  private final SocketChannel channel;
  private final ListeningSocket.Service service;
  private final Worker worker;
  private final ClientAddresses addresses;
  private final ArrayDeque<HttpObject> waiting = new ArrayDeque<>();

  private @Nullable Exchange exchange;
  private int requests;
  private @Nullable Runnable answerWhenRead;
  private boolean http10;
  private boolean keepAlive;
  private boolean hasBody;
  private boolean requestOpen;
  private boolean advancing;
  private boolean closing;

  ClientHandler(SocketChannel channel, ListeningSocket.Service service, Worker worker) {
    this.channel = channel;
    this.service = service;
    this.worker = worker;
    addresses = new ClientAddresses(channel);
  }

  Worker worker() {
    return worker;
  }

  @Nullable Exchange exchange() {
    return exchange;
  }

  boolean isHttp10() {
    return http10;
  }

  boolean isWritable() {
    return channel.isWritable();
  }

  /** Whether the client's connection may outlive the current response. */
  boolean keepsAlive() {
    return keepAlive && !worker.isStopping();
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    worker.enter(channel);
    readMore();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == STOP) {
      stopWhenIdle();
    }
  }

  private void stopWhenIdle() {
    // One that has never asked is not idle: its first request may be on its way.
    boolean idle = exchange == null && answerWhenRead == null;
    if (worker.isStopping() && requests > 0 && idle && !closing) {
      channel.close();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
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
    if (exchange != null) {
      exchange.clientReadComplete();
    }
    readMore();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (channel.isWritable()) {
      if (exchange != null) {
        exchange.clientWritable();
      }
      advance();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closing = true;
    dropWaiting();
    if (exchange != null) {
      exchange.abort();
      exchange = null;
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
    if (exchange != null) {
      wanted = requestOpen ? exchange.wantsContent() : waiting.isEmpty();
    }
    if (wanted && !closing) {
      channel.read();
    }
  }

  /** Whether the next message can be taken: of the current request, or of the next one. */
  private boolean takesMore() {
    return requestOpen || (exchange == null && channel.isWritable());
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
      content(part);
    }
  }

  private void begin(HttpRequest request) {
    RequestTarget target = RequestTarget.of(request.uri());
    boolean connect = request.method().equals(HttpMethod.CONNECT);
    boolean readable = request.decoderResult().isSuccess() && (connect || target != null);
    requests++;
    requestOpen = true;
    http10 = request.protocolVersion().compareTo(HttpVersion.HTTP_1_1) < 0;
    keepAlive = readable && HttpUtil.isKeepAlive(request);
    hasBody =
        !readable
            || HttpUtil.isTransferEncodingChunked(request)
            || HttpUtil.getContentLength(request, 0L) > 0;
    if (!readable) {
      answer(HttpResponseStatus.BAD_REQUEST);
    } else if (connect || target == null) {
      keepAlive = false;
      answer(HttpResponseStatus.METHOD_NOT_ALLOWED);
    } else {
      serve(request, target);
    }
  }

  private void serve(HttpRequest request, RequestTarget target) {
    Server server = service.server(ClientRequest.host(request.uri(), request.headers()));
    ClientRequest asked = new ClientRequest(addresses, requests, server, target, request);
    Action action = server.action(target.path());
    if (action instanceof Action.Pass pass) {
      if (pass.prepare(request, asked)) {
        exchange = new Exchange(this, pass, request);
        exchange.start();
      } else {
        answer(HttpResponseStatus.BAD_REQUEST);
      }
    } else if (action instanceof Action.Return given) {
      answerWhenRead = () -> answer(given, asked);
      if (HttpUtil.is100ContinueExpected(request)) {
        answerWhenRead.run();
      }
    } else {
      answer(HttpResponseStatus.NOT_FOUND);
    }
  }

  private void answer(Action.Return given, ClientRequest request) {
    answerWhenRead = null;
    if (given.status() == Action.Return.NO_ANSWER) {
      cut();
    } else {
      answer(LocalResponse.of(given, request));
    }
  }

  private void content(HttpContent part) {
    if (part instanceof LastHttpContent) {
      requestOpen = false;
    }
    if (part.decoderResult().isFailure()) {
      part.release();
      unreadable();
    } else if (exchange != null) {
      exchange.requestContent(part);
    } else {
      part.release();
      if (!requestOpen && answerWhenRead != null) {
        answerWhenRead.run();
      }
    }
  }

  private void unreadable() {
    keepAlive = false;
    requestOpen = true; // Its end will never be seen.
    if (exchange != null) {
      exchange.badRequest();
    } else if (answerWhenRead != null) {
      answerWhenRead = null;
      answer(HttpResponseStatus.BAD_REQUEST);
    }
  }

  void write(HttpObject message) {
    channel.write(message, channel.voidPromise());
  }

  void flush() {
    channel.flush();
  }

  /** Answers the current request with an error page. */
  void answer(HttpResponseStatus status) {
    answer(ErrorPage.of(status));
  }

  private void answer(FullHttpResponse page) {
    boolean stays = keepsAlive() && !isUnread();
    ResponseFraming.announce(page.headers(), http10, stays);
    end(page, stays);
  }

  /** Writes the last part of the current response, and goes on with the next request. */
  void end(HttpObject last, boolean stays) {
    exchange = null;
    if (stays && !isUnread()) {
      channel.writeAndFlush(last, channel.voidPromise());
      advance();
      return;
    }
    closing = true;
    dropWaiting();
    if (isUnread()) {
      ClientEnd.lingering(channel, last);
    } else {
      ClientEnd.after(channel, last);
    }
  }

  /** Cuts the current response off, so that the client cannot take it for a complete one. */
  void cut() {
    exchange = null;
    closing = true;
    dropWaiting();
    ClientEnd.cut(channel, http10);
  }

  /** Whether the client is still sending a body that nobody will read. */
  private boolean isUnread() {
    return requestOpen && hasBody;
  }

  private void dropWaiting() {
    waiting.forEach(ReferenceCountUtil::release);
    waiting.clear();
  }
}
