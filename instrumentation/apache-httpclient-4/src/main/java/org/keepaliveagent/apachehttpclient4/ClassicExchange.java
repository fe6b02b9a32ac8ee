package org.keepaliveagent.apachehttpclient4;

import java.io.IOException;
import java.net.Socket;
import net.bytebuddy.asm.Advice;
import org.apache.http.Header;
import org.apache.http.HttpClientConnection;
import org.apache.http.HttpEntity;
import org.apache.http.HttpEntityEnclosingRequest;
import org.apache.http.HttpException;
import org.apache.http.HttpHost;
import org.apache.http.HttpRequest;
import org.apache.http.HttpResponse;
import org.apache.http.HttpVersion;
import org.apache.http.client.methods.HttpExecutionAware;
import org.apache.http.client.methods.HttpRequestWrapper;
import org.apache.http.client.protocol.HttpClientContext;
import org.apache.http.conn.ManagedHttpClientConnection;
import org.apache.http.conn.routing.RouteInfo;
import org.apache.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.hooks.KeepaliveHooks;

/**
 * What the blocking client does with one request: attempts, and the exchange of each.
 *
 * <p>The library's verdict whether a failed request goes once more can be of the application's own
 * making. So a yes is found where the request comes back to be sent: what is forbidden there is
 * thrown past {@code RetryExec}, which repeats after an {@code IOException} alone. A no is found
 * where {@code RetryExec} gives up.
 */
public final class ClassicExchange {
  private ClassicExchange() {}

  /**
   * Sends a request until it is answered, or the library's retry handler says no; runs again where
   * the policy says yes instead.
   */
  public static final class Retry {
    @Advice.OnMethodExit(
        onThrowable = Throwable.class,
        repeatOn = Advice.OnNonDefaultValue.class,
        suppress = Throwable.class)
    public static boolean exit(
        @Advice.Argument(1) HttpRequestWrapper request,
        @Advice.Argument(2) HttpClientContext context,
        @Advice.Argument(3) HttpExecutionAware caller,
        @Advice.Thrown(readOnly = false) Throwable thrown) {
      Object failure = thrown == null ? null : context.removeAttribute("keepalive.failure");
      if (failure instanceof HttpException && failure == thrown) {
        thrown = thrown.getCause();
        return false;
      }
      if (!(failure instanceof IOException && thrown instanceof IOException)
          || (caller != null && caller.isAborted())) {
        return false;
      }
      HttpEntity body =
          request instanceof HttpEntityEnclosingRequest
              ? ((HttpEntityEnclosingRequest) request).getEntity()
              : null;
      boolean replayable =
          context.removeAttribute("keepalive.answered") == null
              && (body == null || body.isRepeatable());
      if (!KeepaliveHooks.mayRetry(request, replayable, false)) {
        return false;
      }
      request.setHeaders(request.getOriginal().getAllHeaders());
      return true;
    }
  }

  /**
   * One attempt: leases a connection on this thread, and runs the exchange. One that follows a
   * failure is the library's own repetition.
   */
  public static final class Attempt {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static @Nullable Object enter(
        @Advice.Argument(1) HttpRequestWrapper request,
        @Advice.Argument(2) HttpClientContext context) {
      Object failure = context.removeAttribute("keepalive.failure");
      if (failure != null
          && !KeepaliveHooks.mayRetry(
              request, context.removeAttribute("keepalive.answered") == null, true)) {
        return failure;
      }
      KeepaliveHooks.leasing(request, request.getMethod());
      return null;
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit(
        @Advice.Enter Object refused,
        @Advice.Argument(2) HttpClientContext context,
        @Advice.Thrown(readOnly = false) Throwable thrown) {
      KeepaliveHooks.leased();
      if (refused != null) {
        thrown = new HttpException("May not be sent again", (Throwable) refused);
        context.setAttribute("keepalive.failure", thrown);
      }
    }
  }

  /**
   * Sends a request, complete but for what the wire needs, and receives the head of its response.
   */
  public static final class Exchange {
    /** The bytes that the connection has received so far and one more, or 0. */
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static long enter(
        @Advice.Argument(0) HttpRequest sent,
        @Advice.Argument(1) HttpClientConnection leased,
        @Advice.Argument(2) HttpContext context) {
      Object planned = context.getAttribute(HttpClientContext.HTTP_ROUTE);
      Socket socket =
          leased instanceof ManagedHttpClientConnection
              ? ((ManagedHttpClientConnection) leased).getSocket()
              : null;
      if (socket == null
          || !(sent instanceof HttpRequestWrapper)
          || !(planned instanceof RouteInfo)) {
        return 0;
      }
      HttpRequestWrapper request = (HttpRequestWrapper) sent;
      RouteInfo route = (RouteInfo) planned;
      HttpHost peer = route.getProxyHost();
      if (peer == null || route.isTunnelled()) {
        peer = route.getTargetHost();
      }
      String scheme = peer.getSchemeName();
      int port = peer.getPort() >= 0 ? peer.getPort() : scheme.equals("https") ? 443 : 80;
      KeepaliveHooks.opened(socket, "apache-httpclient-4", scheme, peer.getHostName(), port);
      Header traceparent = request.getFirstHeader("traceparent");
      if (traceparent == null) {
        traceparent = request.getFirstHeader("b3");
      }
      KeepaliveHooks.sending(
          socket,
          request,
          request.getMethod(),
          traceparent == null ? null : traceparent.getValue(),
          request.containsHeader("Idempotency-Key"));
      if (!KeepaliveHooks.maySendAll(socket)) {
        Header nominating = request.getFirstHeader("Connection");
        String nominated = nominating == null ? null : nominating.getValue();
        for (Header header : request.getAllHeaders()) {
          if (!KeepaliveHooks.maySend(socket, header.getName(), header.getValue(), nominated)) {
            request.removeHeader(header);
          }
        }
      }
      return leased.getMetrics().getReceivedBytesCount() + 1;
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit(
        @Advice.Enter long unanswered,
        @Advice.Argument(0) HttpRequest request,
        @Advice.Argument(1) HttpClientConnection leased,
        @Advice.Argument(2) HttpContext context,
        @Advice.Return HttpResponse response,
        @Advice.Thrown Throwable cause) {
      if (unanswered == 0) {
        return;
      }
      if (cause != null) {
        KeepaliveHooks.failed(request, cause);
        if (cause instanceof IOException) {
          context.setAttribute("keepalive.failure", cause);
          context.setAttribute("keepalive.answered", cause);
          if (leased.getMetrics().getReceivedBytesCount() < unanswered) {
            context.removeAttribute("keepalive.answered");
          }
        }
        return;
      }
      Header said = response.getFirstHeader("Connection");
      Header keepAlive = response.getFirstHeader("Keep-Alive");
      KeepaliveHooks.responding(
          ((ManagedHttpClientConnection) leased).getSocket(),
          response.getStatusLine().getStatusCode(),
          response.getProtocolVersion().lessEquals(HttpVersion.HTTP_1_0),
          said == null ? null : said.getValue(),
          keepAlive == null ? null : keepAlive.getValue());
    }
  }
}
