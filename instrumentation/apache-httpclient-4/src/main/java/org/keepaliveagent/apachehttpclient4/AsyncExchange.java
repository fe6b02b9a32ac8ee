package org.keepaliveagent.apachehttpclient4;

import net.bytebuddy.asm.Advice;
import org.apache.http.Header;
import org.apache.http.HttpEntity;
import org.apache.http.HttpEntityEnclosingRequest;
import org.apache.http.HttpHost;
import org.apache.http.HttpRequest;
import org.apache.http.HttpResponse;
import org.apache.http.HttpVersion;
import org.apache.http.client.methods.HttpRequestWrapper;
import org.apache.http.conn.routing.RouteInfo;
import org.apache.http.impl.nio.DefaultNHttpClientConnection;
import org.apache.http.nio.ContentEncoder;
import org.apache.http.nio.NHttpClientConnection;
import org.apache.http.nio.protocol.HttpAsyncClientExchangeHandler;
import org.apache.http.nio.protocol.HttpAsyncRequestExecutor;
import org.apache.http.protocol.HttpContext;
import org.keepaliveagent.hooks.KeepaliveHooks;

/**
 * What the asynchronous client does with one request.
 *
 * <p>What the advice must remember of a connection is one array in the connection's context, so
 * that a request allocates nothing.
 */
public final class AsyncExchange {
  /** The slots of the array: how many bytes had been received when a request was sent, or since. */
  static final int RECEIVED = 0;

  /** The library's own time-out for reading, in milliseconds. */
  static final int TIMEOUT = 1;

  /** One of the three that follow. */
  static final int STAGE = 2;

  static final int PARKED = 0;
  static final int SENT = 1;
  static final int CLOSED_HERE = 2;

  /** Not 0 while some of a request's body is still to be written. */
  static final int BODY = 3;

  /** Not 0 while a connection is being handed to its exchange. */
  static final int HANDING_OVER = 4;

  static final int SLOTS = 5;

  private AsyncExchange() {}

  /** Writes a request head, complete but for what the wire needs. */
  public static final class Sending {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This DefaultNHttpClientConnection connection,
        @Advice.Argument(0) HttpRequest submitted) {
      HttpContext context = connection.getContext();
      Object exchange = context.getAttribute(HttpAsyncRequestExecutor.HTTP_HANDLER);
      if (exchange == null || !(submitted instanceof HttpRequestWrapper)) {
        return;
      }
      HttpRequestWrapper request = (HttpRequestWrapper) submitted;
      if (request.getMethod().equals("CONNECT")) {
        return;
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
      int timeout = connection.getSocketTimeout();
      context.setAttribute("keepalive.request", request);
      Object state = context.getAttribute("keepalive.state");
      if (state == null) {
        state = new long[SLOTS];
        context.setAttribute("keepalive.state", state);
      }
      ((long[]) state)[RECEIVED] = connection.getMetrics().getReceivedBytesCount();
      ((long[]) state)[TIMEOUT] = timeout;
      ((long[]) state)[STAGE] = SENT;
      boolean hasBody =
          request instanceof HttpEntityEnclosingRequest
              && ((HttpEntityEnclosingRequest) request).getEntity() != null;
      ((long[]) state)[BODY] = hasBody ? 1 : 0;
      if (!KeepaliveHooks.maySendAll(connection)) {
        Header nominating = request.getFirstHeader("Connection");
        String nominated = nominating == null ? null : nominating.getValue();
        for (Header header : request.getAllHeaders()) {
          if (!KeepaliveHooks.maySend(connection, header.getName(), header.getValue(), nominated)) {
            request.removeHeader(header);
          }
        }
        String[] set = KeepaliveHooks.headersToSet(connection);
        for (int i = 0; set != null && i < set.length; i += 2) {
          request.setHeader(set[i], set[i + 1]);
        }
      }
      if (request.getProtocolVersion().lessEquals(HttpVersion.HTTP_1_0)
          && KeepaliveHooks.mustSendHttp11(connection)) {
        request.setProtocolVersion(HttpVersion.HTTP_1_1);
      }
      int least =
          hasBody
              ? KeepaliveHooks.sendTimeoutMillis(connection, timeout)
              : KeepaliveHooks.readTimeoutMillis(connection, timeout);
      if (least != timeout) {
        connection.setSocketTimeout(least);
      }
    }
  }

  /** Writes a part of a body; after the last one the time for a response begins. */
  public static final class Sent {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.Argument(0) NHttpClientConnection connection,
        @Advice.Argument(1) ContentEncoder encoder) {
      Object state = connection.getContext().getAttribute("keepalive.state");
      if (encoder.isCompleted() && state instanceof long[]) {
        ((long[]) state)[BODY] = 0;
        int least = KeepaliveHooks.readTimeoutMillis(connection, (int) ((long[]) state)[TIMEOUT]);
        if (least != connection.getSocketTimeout()) {
          connection.setSocketTimeout(least);
        }
      }
    }
  }

  /** A response head has been read; one whose status the policy lists is dropped. */
  public static final class Responding {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    @SuppressWarnings("deprecation")
    public static boolean enter(@Advice.Argument(0) NHttpClientConnection connection) {
      HttpResponse response = connection.getHttpResponse();
      int status = response.getStatusLine().getStatusCode();
      if (status < 200) {
        return false;
      }
      Header said = response.getFirstHeader("Connection");
      Header keepAlive = response.getFirstHeader("Keep-Alive");
      KeepaliveHooks.responding(
          connection,
          status,
          response.getProtocolVersion().lessEquals(HttpVersion.HTTP_1_0),
          said == null ? null : said.getValue(),
          keepAlive == null ? null : keepAlive.getValue());
      HttpContext context = connection.getContext();
      Object exchange = context.getAttribute(HttpAsyncRequestExecutor.HTTP_HANDLER);
      Object sent = context.getAttribute("keepalive.request");
      Object opened = context.getAttribute("keepalive.route");
      if (status < 400
          || !(exchange instanceof HttpAsyncClientExchangeHandler)
          || !exchange.getClass().getName().endsWith(".DefaultClientExchangeHandlerImpl")
          || ((HttpAsyncClientExchangeHandler) exchange).isDone()
          || !(sent instanceof HttpRequestWrapper)
          || !(opened instanceof RouteInfo)) {
        return false;
      }
      HttpEntity body =
          sent instanceof HttpEntityEnclosingRequest
              ? ((HttpEntityEnclosingRequest) sent).getEntity()
              : null;
      HttpRequestWrapper request = (HttpRequestWrapper) sent;
      RouteInfo route = (RouteInfo) opened;
      HttpHost peer = route.getProxyHost();
      if (peer == null || route.isTunnelled()) {
        peer = route.getTargetHost();
      }
      String scheme = peer.getSchemeName();
      int port = peer.getPort() >= 0 ? peer.getPort() : scheme.equals("https") ? 443 : 80;
      int attempts = request.getParams().getIntParameter("keepalive.attempts", 0) + 1;
      if ((body != null && !body.isRepeatable())
          || !KeepaliveHooks.mayRepeat(
              scheme,
              peer.getHostName(),
              port,
              request.getMethod(),
              request.containsHeader("Idempotency-Key"),
              status,
              attempts,
              false)) {
        return false;
      }
      request.getParams().setIntParameter("keepalive.attempts", attempts);
      context.removeAttribute(HttpAsyncRequestExecutor.HTTP_HANDLER);
      KeepaliveHooks.leasing(exchange, request.getMethod());
      try {
        ((HttpAsyncClientExchangeHandler) exchange).inputTerminated();
        connection.resetInput();
        return true;
      } catch (RuntimeException beyondRepair) {
        context.setAttribute(HttpAsyncRequestExecutor.HTTP_HANDLER, exchange);
        return false;
      } finally {
        KeepaliveHooks.leased();
      }
    }
  }
}
