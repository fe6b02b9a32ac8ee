package org.keepaliveagent.proxycore;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.Mapping;
import java.util.List;
import javax.net.ssl.SSLParameters;

/**
 * The start of a connection to an address with {@code ssl}: takes its place what encrypts for the
 * server that the client names, or nothing when the client does not encrypt (as {@code
 * ngx_http_ssl_handshake_handler} sees it).
 */
final class TlsEntrance extends SniHandler {
  private static final int HANDSHAKE = 0x16;
  private static final int SSL_2 = 0x80;
  private static final long TIMEOUT_MILLIS = 60_000;

  /**
   * @param contexts by the name that the client gives, null without one
   */
  TlsEntrance(Mapping<? super String, ? extends SslContext> contexts) {
    super(contexts, TIMEOUT_MILLIS);
  }

  /** Which cipher it is, is the client's choice (nginx: {@code ssl_prefer_server_ciphers off}). */
  @Override
  protected SslHandler newSslHandler(SslContext context, ByteBufAllocator allocator) {
    SslHandler handler = super.newSslHandler(context, allocator);
    SSLParameters parameters = handler.engine().getSSLParameters();
    parameters.setUseCipherSuitesOrder(false);
    handler.engine().setSSLParameters(parameters);
    return handler;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
    int first = in.getUnsignedByte(in.readerIndex());
    if (first == HANDSHAKE || (first & SSL_2) != 0) {
      super.decode(ctx, in, out);
    } else {
      ctx.pipeline().remove(this);
    }
  }
}
