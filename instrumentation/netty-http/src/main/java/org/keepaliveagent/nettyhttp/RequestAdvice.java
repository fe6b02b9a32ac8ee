package org.keepaliveagent.nettyhttp;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.nio.AbstractNioChannel;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.Attribute;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import net.bytebuddy.asm.Advice;
import org.keepaliveagent.hooks.KeepaliveHooks;

/** What goes out through the codec. */
final class RequestAdvice {
  private RequestAdvice() {}

  /** A message is about to be encoded: a head, a part of a body, or both. */
  public static final class Sending {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.Argument(0) ChannelHandlerContext context, @Advice.Argument(1) Object message) {
      Channel channel = context.channel();
      if (!channel.isActive()) {
        // It goes nowhere.
        return;
      }
      channel.attr(AttributeKey.<Object>valueOf("keepalive.unused")).set(null);
      // A CONNECT is a proxy handler's, with a codec of its own, and no request to the upstream.
      if (message instanceof HttpRequest
          && !HttpMethod.CONNECT.equals(((HttpRequest) message).method())) {
        Attribute<Object> peer = channel.attr(AttributeKey.<Object>valueOf("keepalive.peer"));
        SocketAddress remote = channel.remoteAddress();
        SslHandler tls = context.pipeline().get(SslHandler.class);
        String scheme = tls == null ? "http" : "https";
        if (peer.get() == null && remote instanceof InetSocketAddress) {
          String host = ((InetSocketAddress) remote).getHostString();
          int port = ((InetSocketAddress) remote).getPort();
          // Through a tunnel, TLS is spoken with another than the first peer.
          if (tls != null && tls.engine().getPeerHost() != null && tls.engine().getPeerPort() > 0) {
            host = tls.engine().getPeerHost();
            port = tls.engine().getPeerPort();
          }
          peer.set(InetSocketAddress.createUnresolved(host, port));
          KeepaliveHooks.opened(channel, "netty-http", scheme, host, port);
          KeepaliveHooks.connected(
              channel.unsafe() instanceof AbstractNioChannel.NioUnsafe
                  ? ((AbstractNioChannel.NioUnsafe) channel.unsafe()).ch()
                  : channel,
              scheme,
              host,
              port);
          if (tls != null) {
            KeepaliveHooks.secured(host, port, tls.engine().getSession());
          }
        }
        if (peer.get() instanceof InetSocketAddress) {
          Attribute<Object> busy = channel.attr(AttributeKey.<Object>valueOf("keepalive.busy"));
          if (busy.get() != null) {
            // Another response is awaited: which one arrives next cannot be told from here.
            peer.set("left alone");
            return;
          }
          InetSocketAddress known = (InetSocketAddress) peer.get();
          KeepaliveHooks.opened(
              channel, "netty-http", scheme, known.getHostString(), known.getPort());
          HttpRequest request = (HttpRequest) message;
          HttpHeaders headers = request.headers();
          Object exchange = channel.attr(AttributeKey.<Object>valueOf("keepalive.exchange")).get();
          busy.set(exchange == null ? channel : exchange);
          channel.attr(AttributeKey.<Object>valueOf("keepalive.written")).set(null);
          String length = headers.get("content-length");
          boolean hasBody =
              headers.contains("transfer-encoding")
                  || (length != null && !length.trim().equals("0"));
          channel
              .attr(AttributeKey.<Object>valueOf("keepalive.body"))
              .set(hasBody ? "announced" : null);
          String traceparent = headers.get("traceparent");
          if (traceparent == null) {
            traceparent = headers.get("b3");
          }
          String traceId = traceparent == null ? headers.get("X-B3-TraceId") : null;
          if (traceId != null) {
            traceparent =
                KeepaliveHooks.b3(
                    traceId,
                    headers.get("X-B3-SpanId"),
                    headers.get("X-B3-Sampled"),
                    headers.get("X-B3-Flags"));
          }
          KeepaliveHooks.sending(
              channel,
              busy.get(),
              request.method().name(),
              traceparent,
              headers.contains("idempotency-key"));
          if (!request.protocolVersion().isKeepAliveDefault()
              && KeepaliveHooks.mustSendHttp11(channel)) {
            request.setProtocolVersion(HttpVersion.HTTP_1_1);
          }
          // A real upgrade of this hop keeps what asks for it.
          boolean upgrade =
              headers.contains("upgrade") && headers.containsValue("connection", "upgrade", true);
          if (!KeepaliveHooks.maySendAll(channel)) {
            String nominated = upgrade ? null : String.join(",", headers.getAll("connection"));
            for (String name : headers.names()) {
              boolean asks =
                  name.equalsIgnoreCase("connection")
                      || name.equalsIgnoreCase("upgrade")
                      || name.equalsIgnoreCase("http2-settings");
              if (!(upgrade && asks)
                  && !KeepaliveHooks.maySend(channel, name, headers.get(name), nominated)) {
                headers.remove(name);
              }
            }
          }
          String[] set = KeepaliveHooks.headersToSet(channel);
          for (int i = 0; set != null && i + 1 < set.length; i += 2) {
            headers.add(set[i], set[i + 1]);
          }
        }
      }
      if (message instanceof LastHttpContent) {
        channel.attr(AttributeKey.<Object>valueOf("keepalive.written")).set("whole");
      }
    }
  }
}
