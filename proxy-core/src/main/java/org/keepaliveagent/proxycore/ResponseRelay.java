package org.keepaliveagent.proxycore;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Passes the responses to one request on to the client: interim ones, and the final one. What the
 * client does not take yet waits here, as much of it as there are buffers for.
 */
final class ResponseRelay {
  private final Exchange exchange;
  private final Turn client;
  private final ResponseBuffers buffers;
  private final Spool waiting;
  private @Nullable ResponseFraming framing;
  private @Nullable LastHttpContent last;
  private boolean started;
  private boolean inInterim;

  ResponseRelay(Exchange exchange, Turn client, ResponseBuffers buffers) {
    this.exchange = exchange;
    this.client = client;
    this.buffers = buffers;
    waiting = new Spool(buffers.memory(), buffers.files(), false);
  }

  /** Whether the client has been sent anything, interim responses included. */
  boolean isStarted() {
    return started;
  }

  /** Whether the client has been sent the head of the final response. */
  boolean isFinal() {
    return framing != null;
  }

  /** Another attempt answers from its start. */
  void restart() {
    inInterim = false;
  }

  void interim(HttpResponse head) {
    inInterim = true;
    if (!client.isHttp10()) {
      started = true;
      client.write(
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1,
              head.status(),
              LastHttpContent.EMPTY_LAST_CONTENT.content(),
              head.headers(),
              EmptyHttpHeaders.INSTANCE));
    }
  }

  /** Passes a 101 on, behind which there is no HTTP any more. */
  void switching(HttpResponse head) {
    started = true;
    framing = new ResponseFraming(false, false);
    client.write(head);
    client.write(LastHttpContent.EMPTY_LAST_CONTENT);
    client.flush();
  }

  void head(HttpResponse head, HttpMethod method) {
    started = true;
    client.dispatch().setStatus(head);
    // A client that waits for a body which its upstream was not asked for sees that none comes.
    boolean bodyLost =
        method.equals(HttpMethod.HEAD) && !client.dispatch().request().method().equals("HEAD");
    boolean keepAlive = client.keepsAlive() && !bodyLost;
    framing = ResponseFraming.apply(head, method, client.isHttp10(), keepAlive);
    ResponseHeaders.add(head, client.dispatch(), framing.keepAlive());
    client.write(head);
  }

  /** Passes a part of the body on, or keeps it, and takes over its reference. */
  void content(HttpContent part) {
    if (inInterim) {
      inInterim = !(part instanceof LastHttpContent);
      part.release();
    } else if (part instanceof LastHttpContent end && framing != null) {
      last = end;
      exchange.complete(framing);
    } else if (!buffers.on() || (waiting.left() == 0 && client.isWritable())) {
      client.write(part);
    } else {
      keep(part);
    }
  }

  private void keep(HttpContent part) {
    waiting.add(part.content());
    if (buffers.file() > 0 && waiting.isOverflowing()) {
      try {
        waiting.shrink();
      } catch (IOException e) {
        exchange.giveUp(RequestRelay.UNSTORED);
      }
    }
  }

  /** Whether there is room for more of the body. */
  boolean takesMore() {
    return client.isWritable()
        || (buffers.on() && waiting.left() < buffers.memory() + buffers.file());
  }

  /** The client takes more. */
  void clientWritable() {
    try {
      writeWaiting();
    } catch (IOException e) {
      exchange.giveUp(RequestRelay.UNSTORED);
      return;
    }
    client.flush();
    end();
  }

  private void writeWaiting() throws IOException {
    while (client.isWritable()) {
      ByteBuf bytes = waiting.take(ByteBufAllocator.DEFAULT);
      if (bytes == null) {
        break;
      }
      client.write(new DefaultHttpContent(bytes));
    }
  }

  /** Ends the client's response when its last part is here and nothing else waits. */
  void end() {
    LastHttpContent end = last;
    if (end != null && framing != null && waiting.left() == 0) {
      last = null;
      waiting.close();
      client.end(end, framing.keepAlive());
    }
  }

  /** Drops what waits. */
  void release() {
    waiting.close();
    if (last != null) {
      last.release();
      last = null;
    }
  }
}
