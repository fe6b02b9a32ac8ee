package org.keepaliveagent.proxycore;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;

/**
 * Stands behind the codec of a client's connection, keeps the {@link Account} of the request that
 * is being answered, and writes its line when the last of the answer has left, or the connection
 * has ended before. There only where the configuration wants accounts.
 */
@SuppressWarnings("FutureReturnValueIgnored") // See package-info.
final class ClientLog extends ChannelDuplexHandler {
  private static final int CLIENT_CLOSED_REQUEST = 499;
  private static final int BAD_REQUEST = 400;
  private static final int TUNNEL = HttpResponseStatus.SWITCHING_PROTOCOLS.code();

  private final LogFiles files;
  private final boolean bodies;
  private final ByteCount bytes = new ByteCount();
  private final RequestMeter requests = new RequestMeter();

  private @Nullable ClientRequest current;
  private @Nullable Account account;
  private long previousEndNanos = System.nanoTime();

  /**
   * @param bodies whether requests' bodies are kept
   */
  ClientLog(LogFiles files, boolean bodies) {
    this.files = files;
    this.bodies = bodies;
  }

  /** Counts the connection's bytes, from before the codec. */
  ByteCount bytes() {
    return bytes;
  }

  RequestMeter requests() {
    return requests;
  }

  /** A request is to be answered: the next one when the answer to the one before was written. */
  void begin(ClientRequest request) {
    account = new Account(bytes, requests, previousEndNanos, bodies);
    current = request;
    request.account(account);
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    ClientRequest answered = current;
    Account kept = account;
    if (answered == null || kept == null || isInterim(message)) {
      ctx.write(message, promise);
      return;
    }
    long before = bytes.sent();
    long content = message instanceof HttpContent part ? part.content().readableBytes() : 0;
    ChannelFuture written = ctx.write(message, promise.unvoid());
    if (message instanceof HttpResponse head) {
      boolean bodyless = answered.isHead() || head.status().code() == 204;
      kept.responds(head, bytes.sent() - before - (bodyless ? 0 : content));
    }
    // A tunnel ends with its connection.
    if (message instanceof LastHttpContent && kept.status() != TUNNEL) {
      over(kept);
      written.addListener(done -> log(answered));
    }
  }

  private static boolean isInterim(Object message) {
    return message instanceof HttpResponse head
        && head.status().codeClass() == HttpStatusClass.INFORMATIONAL
        && head.status().code() != TUNNEL;
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    // What is behind ends first, and its attempt to reach an upstream with it.
    ctx.fireChannelInactive();
    ClientRequest cut = current;
    Account kept = account;
    if (cut != null && kept != null) {
      kept.unanswered(requests.isWhole() ? CLIENT_CLOSED_REQUEST : BAD_REQUEST);
      over(kept);
      log(cut);
    }
  }

  private void over(Account kept) {
    kept.over();
    requests.take();
    current = null;
    account = null;
    previousEndNanos = System.nanoTime();
  }

  private void log(ClientRequest request) {
    for (AccessLog log : request.logs()) {
      files.append(log.file(), log.line(request));
    }
  }
}
