package org.keepaliveagent.proxycore;

import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;

/**
 * A file on its way to a client.
 *
 * <p>It is read on the event loop, as nginx does without {@code aio}: {@value FileBody#PIECE_BYTES}
 * bytes when the client has taken what was there before, and after {@value #PIECES_AT_ONCE} pieces
 * other clients have their turn, however fast this one is. Read and not {@code sendfile}, since
 * that would be a second way beside the one that TLS needs.
 */
@SuppressWarnings("FutureReturnValueIgnored") // See package-info.
final class FileTransfer {
  private static final int PIECES_AT_ONCE = 16;

  private final SocketChannel channel;
  private final Turn turn;
  private final FileBody body;
  private final boolean stays;
  private boolean queued;
  private boolean over;

  /**
   * @param stays whether the client's connection outlives it
   */
  FileTransfer(SocketChannel channel, Turn turn, FileBody body, boolean stays) {
    this.channel = channel;
    this.turn = turn;
    this.body = body;
    this.stays = stays;
  }

  /** Sends what the client takes now. */
  void run() {
    for (int piece = 0; piece < PIECES_AT_ONCE && !over && channel.isWritable(); piece++) {
      sendPiece();
    }
    if (!over && !queued && channel.isWritable()) {
      queued = true;
      channel.eventLoop().execute(this::goOn);
    }
  }

  private void goOn() {
    queued = false;
    run();
  }

  private void sendPiece() {
    try {
      channel.write(new DefaultHttpContent(body.next(channel.alloc())), channel.voidPromise());
    } catch (IOException e) {
      turn.cut();
      return;
    }
    if (body.hasMore()) {
      turn.flush();
    } else {
      abort();
      turn.end(LastHttpContent.EMPTY_LAST_CONTENT, stays);
    }
  }

  /** Sends no more of it. */
  void abort() {
    if (!over) {
      over = true;
      body.close();
    }
  }
}
