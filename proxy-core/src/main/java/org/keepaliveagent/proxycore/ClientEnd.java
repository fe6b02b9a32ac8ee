package org.keepaliveagent.proxycore;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.TimeUnit;

/** The ways in which a client's connection is ended from here. */
@SuppressWarnings("FutureReturnValueIgnored") // See package-info.
final class ClientEnd {
  /** How long a client may take to see an answer that came before its request was read. */
  private static final int LINGER_SECONDS = 5;

  private ClientEnd() {}

  /** Closes after the last part of a response. */
  static void after(SocketChannel channel, HttpObject last) {
    channel.writeAndFlush(last).addListener(ChannelFutureListener.CLOSE);
  }

  /**
   * The same in a way that lets the client read its answer first: closing at once with unread data
   * would reset the connection (nginx: {@code lingering_close}).
   */
  static void lingering(SocketChannel channel, HttpObject last) {
    channel
        .writeAndFlush(last)
        .addListener((ChannelFutureListener) written -> linger(channel, written));
  }

  private static void linger(SocketChannel channel, ChannelFuture written) {
    if (written.isSuccess()) {
      SslHandler tls = channel.pipeline().get(SslHandler.class);
      if (tls == null) {
        channel.shutdownOutput();
      } else {
        tls.closeOutbound().addListener(ended -> channel.shutdownOutput());
      }
      channel.config().setAutoRead(true);
      channel.eventLoop().schedule((Runnable) channel::close, LINGER_SECONDS, TimeUnit.SECONDS);
    }
  }

  /** Cuts a response off, so that the client cannot take it for a complete one. */
  static void cut(SocketChannel channel, boolean http10) {
    channel.flush();
    if (http10) {
      // The end of the connection may be the response's: only a reset shows that it is cut.
      channel.config().setSoLinger(0);
    }
    // Not through the pipeline: TLS would say that this is the proper end.
    channel.pipeline().firstContext().close();
  }
}
