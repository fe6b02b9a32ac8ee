package org.keepaliveagent.apachehttpclient5;

import java.io.IOException;
import javax.net.ssl.SSLSession;
import net.bytebuddy.asm.Advice;
import org.apache.hc.client5.http.RouteInfo;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.util.Timeout;
import org.keepaliveagent.hooks.KeepaliveHooks;

/**
 * Sends a request, complete but for what the wire needs, and receives the head of its response: the
 * advice of {@link ApacheHttpClient5Adapter} on an exchange.
 */
public final class ClassicExchange {
  private ClassicExchange() {}

  @Advice.OnMethodEnter(suppress = Throwable.class)
  public static long enter(
      @Advice.Argument(0) ClassicHttpRequest request,
      @Advice.Argument(1) HttpClientConnection leased,
      @Advice.Argument(3) HttpContext exchange) {
    RouteInfo route =
        exchange instanceof HttpClientContext
            ? ((HttpClientContext) exchange).getHttpRoute()
            : null;
    if (route == null
        || !(leased instanceof ManagedHttpClientConnection)
        || request.getMethod().equals("CONNECT")) {
      return -1;
    }
    ManagedHttpClientConnection connection = (ManagedHttpClientConnection) leased;
    HttpHost peer = route.getProxyHost();
    if (peer == null || route.isTunnelled()) {
      peer = route.getTargetHost();
    }
    String scheme = peer.getSchemeName();
    String host = peer.getHostName();
    int port = peer.getPort() >= 0 ? peer.getPort() : scheme.equals("https") ? 443 : 80;
    KeepaliveHooks.opened(connection, "apache-httpclient-5", scheme, host, port);
    if (connection.getProtocolVersion() == null) {
      KeepaliveHooks.connected(connection.getSocket(), scheme, host, port);
      SSLSession secured = connection.getSSLSession();
      if (secured != null) {
        KeepaliveHooks.secured(host, port, secured);
      }
    }
    int wait = KeepaliveHooks.readTimeoutMillis(connection, -1);
    if (wait >= 0) {
      connection.setSocketTimeout(Timeout.ofMilliseconds(wait));
    }
    Header parent = request.getFirstHeader("traceparent");
    if (parent == null) {
      parent = request.getFirstHeader("b3");
    }
    String traceparent = parent == null ? null : parent.getValue();
    Header traceId = traceparent == null ? request.getFirstHeader("X-B3-TraceId") : null;
    if (traceId != null) {
      Header spanId = request.getFirstHeader("X-B3-SpanId");
      Header sampled = request.getFirstHeader("X-B3-Sampled");
      Header flags = request.getFirstHeader("X-B3-Flags");
      traceparent =
          KeepaliveHooks.b3(
              traceId.getValue(),
              spanId == null ? null : spanId.getValue(),
              sampled == null ? null : sampled.getValue(),
              flags == null ? null : flags.getValue());
    }
    KeepaliveHooks.sending(
        connection,
        exchange,
        request.getMethod(),
        traceparent,
        request.containsHeader("Idempotency-Key"));
    if (HttpVersion.HTTP_1_0.equals(request.getVersion())
        && KeepaliveHooks.mustSendHttp11(connection)) {
      request.setVersion(HttpVersion.HTTP_1_1);
    }
    if (!KeepaliveHooks.maySendAll(connection)) {
      Header nominating = request.getFirstHeader("Connection");
      String nominated = nominating == null ? null : nominating.getValue();
      for (Header header : request.getHeaders()) {
        if (!KeepaliveHooks.maySend(connection, header.getName(), header.getValue(), nominated)) {
          request.removeHeader(header);
        }
      }
    }
    String[] set = KeepaliveHooks.headersToSet(connection);
    for (int i = 0; set != null && i + 1 < set.length; i += 2) {
      request.addHeader(set[i], set[i + 1]);
    }
    return connection.getEndpointDetails().getReceivedBytesCount();
  }

  @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
  public static void exit(
      @Advice.Enter long receivedBefore,
      @Advice.Argument(1) HttpClientConnection connection,
      @Advice.Argument(3) HttpContext exchange,
      @Advice.Return ClassicHttpResponse response,
      @Advice.Thrown Throwable cause) {
    if (receivedBefore < 0) {
      return;
    }
    if (cause != null) {
      if (connection.getEndpointDetails().getReceivedBytesCount() > receivedBefore) {
        KeepaliveHooks.responseBegun(connection);
      }
      KeepaliveHooks.failed(exchange, cause);
      if (cause instanceof IOException && exchange.getAttribute("keepalive.strategy") != null) {
        exchange.setAttribute("keepalive.failure", cause);
      }
      return;
    }
    Header said = response.getFirstHeader("Connection");
    Header keepAlive = response.getFirstHeader("Keep-Alive");
    KeepaliveHooks.responding(
        connection,
        response.getCode(),
        response.getVersion() != null && response.getVersion().lessEquals(HttpVersion.HTTP_1_0),
        said == null ? null : said.getValue(),
        keepAlive == null ? null : keepAlive.getValue());
  }
}
