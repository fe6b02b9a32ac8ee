package org.keepaliveagent.apachehttpclient4;

import net.bytebuddy.asm.Advice;
import org.apache.http.HttpException;
import org.apache.http.HttpHost;
import org.apache.http.client.methods.CloseableHttpResponse;
import org.apache.http.client.methods.HttpRequestWrapper;
import org.apache.http.client.protocol.HttpClientContext;
import org.apache.http.conn.routing.RouteInfo;
import org.keepaliveagent.hooks.KeepaliveHooks;

/**
 * The advice where an application's own {@code ServiceUnavailableRetryStrategy} is asked whether an
 * answered request goes once more; it may be of any class.
 *
 * <p>It can say no to what the policy would repeat. Where the policy forbids it is not asked: the
 * response is kept, an {@code HttpException} is thrown past the method that asks, and the caller
 * behind it is given the response.
 */
public final class CustomStrategy {
  private CustomStrategy() {}

  /** Sends a request until the strategy is content with the answer. */
  public static final class Asking {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.FieldValue("retryStrategy") Object strategy,
        @Advice.Argument(2) HttpClientContext context) {
      if (!strategy.getClass().getName().endsWith(".DefaultServiceUnavailableRetryStrategy")) {
        context.setAttribute("keepalive.strategy", strategy);
      }
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit(
        @Advice.Argument(2) HttpClientContext context,
        @Advice.Return(readOnly = false) CloseableHttpResponse response,
        @Advice.Thrown(readOnly = false) Throwable thrown) {
      if (context.removeAttribute("keepalive.strategy") == null) {
        return;
      }
      context.removeAttribute("keepalive.answers");
      Object answer = context.removeAttribute("keepalive.answer");
      Object refusal = context.removeAttribute("keepalive.refusal");
      if (thrown != null && thrown == refusal && answer instanceof CloseableHttpResponse) {
        response = (CloseableHttpResponse) answer;
        thrown = null;
      }
    }
  }

  /** What is below that method: one attempt. A response that must not be repeated is its last. */
  public static final class Attempt {
    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit(
        @Advice.Argument(0) RouteInfo route,
        @Advice.Argument(1) HttpRequestWrapper request,
        @Advice.Argument(2) HttpClientContext context,
        @Advice.Return CloseableHttpResponse response,
        @Advice.Thrown(readOnly = false) Throwable thrown) {
      if (thrown != null
          || response.getStatusLine().getStatusCode() < 400
          || context.getAttribute("keepalive.strategy") == null) {
        return;
      }
      Object before = context.getAttribute("keepalive.answers");
      int answers = before instanceof Integer ? (Integer) before + 1 : 1;
      context.setAttribute("keepalive.answers", answers);
      HttpHost peer = route.getProxyHost();
      if (peer == null || route.isTunnelled()) {
        peer = route.getTargetHost();
      }
      String scheme = peer.getSchemeName();
      if (!KeepaliveHooks.mayRepeat(
          scheme,
          peer.getHostName(),
          peer.getPort() >= 0 ? peer.getPort() : scheme.equals("https") ? 443 : 80,
          request.getMethod(),
          request.containsHeader("Idempotency-Key"),
          response.getStatusLine().getStatusCode(),
          answers,
          true)) {
        thrown = new HttpException("May not be sent again");
        context.setAttribute("keepalive.answer", response);
        context.setAttribute("keepalive.refusal", thrown);
      }
    }
  }
}
