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
import org.apache.http.client.methods.CloseableHttpResponse;
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
   * the policy says yes instead, and after a status that the policy lists.
   */
  public static final class Retry {
    @Advice.OnMethodExit(
        onThrowable = Throwable.class,
        repeatOn = Advice.OnNonDefaultValue.class,
        suppress = Throwable.class)
    @SuppressWarnings("deprecation")
    public static boolean exit(
        @Advice.Argument(0) RouteInfo route,
        @Advice.Argument(1) HttpRequestWrapper request,
        @Advice.Argument(2) HttpClientContext context,
        @Advice.Argument(3) HttpExecutionAware caller,
        @Advice.Return CloseableHttpResponse response,
        @Advice.Thrown(readOnly = false) Throwable thrown) {
      int status = thrown == null ? response.getStatusLine().getStatusCode() : 0;
      if (thrown == null && status < 400) {
        return false;
      }
      Object failure = context.removeAttribute("keepalive.failure");
      if (failure instanceof HttpException && failure == thrown) {
        thrown = thrown.getCause();
        return false;
      }
      HttpEntity body =
          request instanceof HttpEntityEnclosingRequest
              ? ((HttpEntityEnclosingRequest) request).getEntity()
              : null;
      boolean replayable = body == null || body.isRepeatable();
      int attempts = request.getParams().getIntParameter("keepalive.attempts", 0) + 1;
      boolean again;
      if (caller != null && caller.isAborted()) {
        again = false;
      } else if (thrown != null) {
        again =
            failure instanceof IOException
                && thrown instanceof IOException
                && KeepaliveHooks.mayRetry(
                    request,
                    replayable && context.removeAttribute("keepalive.answered") == null,
                    false);
      } else {
        HttpHost peer = route.getProxyHost();
        if (peer == null || route.isTunnelled()) {
          peer = route.getTargetHost();
        }
        String scheme = peer.getSchemeName();
        again =
            replayable
                && KeepaliveHooks.mayRepeat(
                    scheme,
                    peer.getHostName(),
                    peer.getPort() >= 0 ? peer.getPort() : scheme.equals("https") ? 443 : 80,
                    request.getMethod(),
                    request.containsHeader("Idempotency-Key"),
                    status,
                    attempts,
                    false);
      }
      if (again) {
        request.getParams().setIntParameter("keepalive.attempts", attempts);
        request.setHeaders(request.getOriginal().getAllHeaders());
        try {
          if (response != null) {
            response.close();
          }
        } catch (IOException e) {
          // what is closed here is not needed any more
        }
      }
      return again;
    }
  }

  /**
   * Whether the library, where the application asks for it, sends an answered request again; that
   * comes after what {@link Retry} has done.
   */
  public static final class Repeat {
    @Advice.OnMethodExit(suppress = Throwable.class)
    @SuppressWarnings("deprecation")
    public static void exit(
        @Advice.Argument(0) HttpResponse response,
        @Advice.Argument(1) int executions,
        @Advice.Argument(2) HttpContext context,
        @Advice.Return(readOnly = false) boolean repeats) {
      Object planned = context.getAttribute(HttpClientContext.HTTP_ROUTE);
      Object sent = context.getAttribute(HttpClientContext.HTTP_REQUEST);
      if (!repeats || !(planned instanceof RouteInfo) || !(sent instanceof HttpRequestWrapper)) {
        return;
      }
      RouteInfo route = (RouteInfo) planned;
      HttpRequestWrapper request = (HttpRequestWrapper) sent;
      HttpHost peer = route.getProxyHost();
      if (peer == null || route.isTunnelled()) {
        peer = route.getTargetHost();
      }
      String scheme = peer.getSchemeName();
      repeats =
          KeepaliveHooks.mayRepeat(
              scheme,
              peer.getHostName(),
              peer.getPort() >= 0 ? peer.getPort() : scheme.equals("https") ? 443 : 80,
              request.getMethod(),
              request.containsHeader("Idempotency-Key"),
              response.getStatusLine().getStatusCode(),
              executions + request.getParams().getIntParameter("keepalive.attempts", 0),
              true);
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
          socket,
          request,
          request.getMethod(),
          traceparent,
          request.containsHeader("Idempotency-Key"));
      if (!KeepaliveHooks.maySendAll(socket)) {
        Header nominating = request.getFirstHeader("Connection");
        String nominated = nominating == null ? null : nominating.getValue();
        for (Header header : request.getAllHeaders()) {
          if (!KeepaliveHooks.maySend(socket, header.getName(), header.getValue(), nominated)) {
            request.removeHeader(header);
          }
        }
        String[] set = KeepaliveHooks.headersToSet(socket);
        for (int i = 0; set != null && i < set.length; i += 2) {
          request.setHeader(set[i], set[i + 1]);
        }
      }
      if (request.getProtocolVersion().lessEquals(HttpVersion.HTTP_1_0)
          && KeepaliveHooks.mustSendHttp11(socket)) {
        request.setProtocolVersion(HttpVersion.HTTP_1_1);
      }
      int timeout = leased.getSocketTimeout();
      int least = KeepaliveHooks.readTimeoutMillis(socket, timeout);
      if (least != timeout) {
        leased.setSocketTimeout(least);
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
