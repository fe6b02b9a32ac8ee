package org.keepaliveagent.proxycoreadapter;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AttributeKey;
import net.bytebuddy.asm.Advice;
import org.keepaliveagent.hooks.KeepaliveHooks;
import org.keepaliveagent.proxycore.Exchange;

/** The advice of {@link ProxyCoreAdapter} on the request as it goes out. */
public final class RequestAdvice {
  private RequestAdvice() {}

  /** Writes the request head. A real upgrade keeps what asks for it. */
  public static final class Sending {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This Exchange exchange,
        @Advice.Argument(0) Channel connection,
        @Advice.Argument(1) HttpRequest head) {
      // The codec's adapter leaves it alone: all that it would tell is told here.
      connection.attr(AttributeKey.<Object>valueOf("keepalive.peer")).set("proxy-core");
      HttpHeaders headers = head.headers();
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
          connection,
          exchange,
          exchange.method(),
          traceparent,
          headers.contains("idempotency-key"));
      if (!head.protocolVersion().isKeepAliveDefault()
          && KeepaliveHooks.mustSendHttp11(connection)) {
        head.setProtocolVersion(HttpVersion.HTTP_1_1);
      }
      if (KeepaliveHooks.maySendAll(connection)) {
        return;
      }
      boolean upgrade =
          headers.contains("upgrade") && headers.containsValue("connection", "upgrade", true);
      String nominated = String.join(",", headers.getAll("connection"));
      for (String name : headers.names()) {
        boolean asks = name.equalsIgnoreCase("connection") || name.equalsIgnoreCase("upgrade");
        if (!(upgrade && asks)
            && !KeepaliveHooks.maySend(connection, name, headers.get(name), nominated)) {
          headers.remove(name);
        }
      }
      String[] more = KeepaliveHooks.headersToSet(connection);
      for (int i = 0; more != null && i < more.length; i += 2) {
        headers.set(more[i], more[i + 1]);
      }
    }
  }
}
