package org.keepaliveagent.proxycore;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A request's turn on its client's connection: from its head until the end of its answer, which an
 * {@link Exchange} gives, or this program itself.
 */
@SuppressWarnings("FutureReturnValueIgnored") // See package-info.
final class Turn {
  private final SocketChannel channel;
  private final ClientHandler client;
  private final ClientState state;
  private final Dispatch dispatch;
  private final boolean http10;
  private final boolean hasBody;
  private final boolean expectsContinue;

  private @Nullable Exchange exchange;
  private @Nullable FileTransfer transfer;

  /** The answer to a request whose body is still being read. */
  private @Nullable LocalResponse prepared;

  private boolean keepAlive;
  private boolean requestOpen = true;
  private boolean over;
  private long bodyBytes;

  /**
   * @param readable whether its head is a request
   */
  Turn(
      SocketChannel channel,
      ClientHandler client,
      ClientState state,
      HttpRequest request,
      boolean readable,
      ClientRequest asked) {
    this.channel = channel;
    this.client = client;
    this.state = state;
    dispatch = new Dispatch(this, asked, request);
    http10 = request.protocolVersion().compareTo(HttpVersion.HTTP_1_1) < 0;
    keepAlive = readable && HttpUtil.isKeepAlive(request);
    expectsContinue = HttpUtil.is100ContinueExpected(request);
    hasBody =
        !readable
            || HttpUtil.isTransferEncodingChunked(request)
            || HttpUtil.getContentLength(request, 0L) > 0;
  }

  /**
   * Finds out what answers.
   *
   * @param error what is known to be wrong with the request, 0 for nothing
   */
  void begin(int error) {
    if (error == 0) {
      dispatch.begin();
    } else {
      dispatch.error(error);
    }
    if (hasBody && !over) {
      state.awaitsBody();
    }
  }

  Worker worker() {
    return client.worker();
  }

  Dispatch dispatch() {
    return dispatch;
  }

  @Nullable Exchange exchange() {
    return exchange;
  }

  boolean isHttp10() {
    return http10;
  }

  boolean hasBody() {
    return hasBody;
  }

  boolean isWritable() {
    return channel.isWritable();
  }

  /** Whether the client's connection may outlive the answer. */
  boolean keepsAlive() {
    return keepAlive && !worker().isStopping();
  }

  /** The client's connection does not outlive the answer. */
  void isLast() {
    keepAlive = false;
  }

  /** It has come to a location with these settings. */
  void enter(LocationSettings settings) {
    keepAlive &= client.keep(settings.limits());
    dispatch.request().logs(settings.logs());
  }

  /** Whether more of the request is to come. */
  boolean isRequestOpen() {
    return requestOpen;
  }

  /** Whether more of the request can be used now. */
  boolean wantsContent() {
    return requestOpen && (exchange == null || exchange.body().wantsContent());
  }

  void readMore() {
    client.readMore();
  }

  /** Asks an upstream, after another one where that has failed, as soon as the body allows it. */
  void exchange(Exchange next) {
    if (exchange != null) {
      next.beginsLater();
    }
    exchange = next;
    if (next.body().isReady()) {
      next.begin();
    }
  }

  /** Lets a client that asks first send its body, as nginx does before it reads one. */
  void sayContinue() {
    if (expectsContinue && exchange == null) {
      write(
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
      flush();
    }
  }

  /** The upstream has switched protocols, and is met directly. */
  void tunnel(Channel upstream, boolean asked, Duration limit) {
    client.tunnel(upstream, asked, limit);
  }

  /** Takes the next part of the request's body, and its reference. */
  void content(HttpContent part) {
    state.progress();
    bodyBytes += part.content().readableBytes();
    if (part instanceof LastHttpContent) {
      requestOpen = false;
      state.awaitsNothing();
    }
    if (part.decoderResult().isFailure()) {
      part.release();
      refuse(400);
    } else if (exchange == null) {
      part.release();
      if (!requestOpen && prepared != null) {
        send(prepared);
      }
    } else if (dispatch.isTooBig(bodyBytes)) {
      part.release();
      refuse(413);
    } else {
      dispatch.request().passes(part.content());
      exchange.body().add(part);
    }
  }

  /** Refuses the request for its body, whose end will never be seen. */
  private void refuse(int status) {
    dispatch.refuseBody();
    keepAlive = false;
    requestOpen = true;
    if (exchange != null) {
      exchange.giveUp(status);
    } else if (prepared != null) {
      dispatch.error(status);
    }
  }

  void clientReadComplete() {
    if (exchange != null) {
      exchange.body().flush();
    }
  }

  void clientWritable() {
    if (exchange != null) {
      exchange.clientWritable();
    } else if (transfer != null) {
      transfer.run();
    }
  }

  void write(HttpObject message) {
    channel.write(message, channel.voidPromise());
  }

  void flush() {
    channel.flush();
    state.written();
  }

  /** Answers with an error, or with what stands for it. */
  void answer(int status) {
    dispatch.error(status);
  }

  /** Answers: when the request has been read, or at once where that is not going to happen. */
  void answer(LocalResponse response) {
    boolean wait = requestOpen && keepAlive && exchange == null && !expectsContinue;
    drop();
    if (wait) {
      prepared = response;
    } else {
      send(response);
    }
  }

  private void send(LocalResponse response) {
    prepared = null;
    boolean stays = keepsAlive() && !isUnread();
    HttpResponse head = ResponseHeaders.head(response, dispatch, http10, stays);
    FileBody file = response.file();
    if (file == null) {
      end(head, stays);
    } else {
      write(head);
      transfer = new FileTransfer(channel, this, file, stays);
      transfer.run();
    }
  }

  /** Writes the last part of the answer, and lets the next request have its turn. */
  void end(HttpObject last, boolean stays) {
    over = true;
    drop();
    if (stays && !isUnread()) {
      channel.writeAndFlush(last, channel.voidPromise());
      state.written();
      client.next();
      return;
    }
    client.closing();
    if (isUnread()) {
      ClientEnd.lingering(channel, last);
    } else {
      ClientEnd.after(channel, last);
    }
    state.written();
  }

  /** Cuts the answer off, so that the client cannot take it for a complete one. */
  void cut() {
    abort();
    client.closing();
    ClientEnd.cut(channel, http10);
  }

  /** Ends without an answer. */
  void abort() {
    over = true;
    drop();
  }

  /** Whether the client is still sending a body that nobody will read. */
  private boolean isUnread() {
    return requestOpen && hasBody;
  }

  private void drop() {
    if (exchange != null) {
      exchange.abort();
      exchange = null;
    }
    if (transfer != null) {
      transfer.abort();
      transfer = null;
    }
    if (prepared != null) {
      prepared.release();
      prepared = null;
    }
  }
}
