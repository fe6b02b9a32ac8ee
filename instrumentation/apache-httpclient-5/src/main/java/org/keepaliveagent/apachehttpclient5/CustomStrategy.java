package org.keepaliveagent.apachehttpclient5;

import java.io.IOException;
import net.bytebuddy.asm.Advice;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.async.AsyncExecCallback;
import org.apache.hc.client5.http.async.AsyncExecChain;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.nio.AsyncDataConsumer;
import org.keepaliveagent.hooks.KeepaliveHooks;

/**
 * The advice where a retry strategy of the application's own is asked; it may be of any class.
 *
 * <p>It can say no to what the policy would repeat. Its yes is not heard where the policy forbids:
 * of an asynchronous exchange it is then not asked at all, and of a blocking one neither, since
 * what has come to an end is thrown past the method that asks, as an {@code HttpException}, and
 * given to the caller behind it. What a failed blocking request died of is thrown when it comes
 * back to be sent.
 */
public final class CustomStrategy {
  private CustomStrategy() {}

  /** Sends a request until it is answered or the strategy says no. */
  public static final class Asking {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.FieldValue("retryStrategy") Object strategy,
        @Advice.Argument(1) ExecChain.Scope scope) {
      if (!strategy.getClass().getName().endsWith(".DefaultHttpRequestRetryStrategy")) {
        scope.clientContext.setAttribute("keepalive.strategy", strategy);
      }
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit(
        @Advice.Argument(1) ExecChain.Scope scope,
        @Advice.Return(readOnly = false) ClassicHttpResponse response,
        @Advice.Thrown(readOnly = false) Throwable thrown) {
      HttpClientContext context = scope.clientContext;
      if (context.removeAttribute("keepalive.strategy") == null) {
        return;
      }
      context.removeAttribute("keepalive.attempts");
      context.removeAttribute("keepalive.failure");
      Object answer = context.removeAttribute("keepalive.answer");
      Object refusal = context.removeAttribute("keepalive.refusal");
      if (thrown == null || thrown != refusal) {
        return;
      }
      if (answer instanceof ClassicHttpResponse) {
        response = (ClassicHttpResponse) answer;
        thrown = null;
      } else {
        thrown = thrown.getCause();
      }
    }
  }

  /** What is below that method: one attempt. A response that must not be repeated is its last. */
  public static final class Attempt {
    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit(
        @Advice.Argument(1) ExecChain.Scope scope,
        @Advice.Return ClassicHttpResponse response,
        @Advice.Thrown(readOnly = false) Throwable thrown) {
      HttpClientContext context = scope.clientContext;
      HttpRequest request = scope.originalRequest;
      if (thrown != null
          || response.getCode() < 400
          || context.getAttribute("keepalive.strategy") == null) {
        return;
      }
      Object before = context.getAttribute("keepalive.attempts");
      int attempts = before instanceof Integer ? (Integer) before + 1 : 1;
      context.setAttribute("keepalive.attempts", attempts);
      HttpRoute route = scope.route;
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
          response.getCode(),
          attempts,
          true)) {
        thrown = new HttpException("May not be sent again");
        context.setAttribute("keepalive.answer", response);
        context.setAttribute("keepalive.refusal", thrown);
      }
    }
  }

  /** As {@link Asking}, asynchronously; returns at once. */
  public static final class AsyncAsking {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.FieldValue("retryStrategy") Object strategy,
        @Advice.Argument(2) AsyncExecChain.Scope scope) {
      HttpClientContext context = scope.clientContext;
      if (!strategy.getClass().getName().endsWith(".DefaultHttpRequestRetryStrategy")) {
        context.setAttribute("keepalive.strategy", strategy);
      } else if (context.getAttribute("keepalive.strategy") != null) {
        context.removeAttribute("keepalive.strategy");
      }
    }
  }

  /** The head of a response has come; the strategy is asked, or the caller gets it. */
  public static final class AsyncAnswer {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static boolean enter(
        @Advice.This Object attempt,
        @Advice.FieldValue("val$scope") AsyncExecChain.Scope scope,
        @Advice.Argument(0) HttpResponse response) {
      HttpClientContext context = scope.clientContext;
      HttpRequest request = scope.originalRequest;
      if (response.getCode() < 400 || context.getAttribute("keepalive.strategy") == null) {
        return false;
      }
      Object before =
          context.getAttribute("keepalive.attempted") == request
              ? context.getAttribute("keepalive.attempts")
              : null;
      int attempts = before instanceof Integer ? (Integer) before + 1 : 1;
      context.setAttribute("keepalive.attempted", request);
      context.setAttribute("keepalive.attempts", attempts);
      HttpRoute route = scope.route;
      HttpHost peer = route.getProxyHost();
      if (peer == null || route.isTunnelled()) {
        peer = route.getTargetHost();
      }
      String scheme = peer.getSchemeName();
      if (KeepaliveHooks.mayRepeat(
          scheme,
          peer.getHostName(),
          peer.getPort() >= 0 ? peer.getPort() : scheme.equals("https") ? 443 : 80,
          request.getMethod(),
          request.containsHeader("Idempotency-Key"),
          response.getCode(),
          attempts,
          true)) {
        return false;
      }
      context.setAttribute("keepalive.answer", attempt);
      return true;
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit(
        @Advice.Enter boolean forbidden,
        @Advice.FieldValue("val$asyncExecCallback") AsyncExecCallback caller,
        @Advice.Argument(0) HttpResponse response,
        @Advice.Argument(1) EntityDetails details,
        @Advice.Return(readOnly = false) AsyncDataConsumer consumer,
        @Advice.Thrown(readOnly = false) Throwable thrown) {
      if (forbidden) {
        try {
          consumer = caller.handleResponse(response, details);
        } catch (Throwable callers) {
          thrown = callers;
        }
      }
    }
  }

  /**
   * A response is complete: the request goes once more, or the caller hears of it. Old versions
   * remember only that an earlier attempt was to be repeated.
   */
  public static final class AsyncCompleted {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static boolean enter(
        @Advice.This Object attempt, @Advice.FieldValue("val$scope") AsyncExecChain.Scope scope) {
      HttpClientContext context = scope.clientContext;
      if (context.getAttribute("keepalive.answer") != attempt) {
        return false;
      }
      context.removeAttribute("keepalive.answer");
      return true;
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit(
        @Advice.Enter boolean forbidden,
        @Advice.FieldValue("val$asyncExecCallback") AsyncExecCallback caller,
        @Advice.Thrown(readOnly = false) Throwable thrown) {
      if (forbidden) {
        try {
          caller.completed();
        } catch (Throwable callers) {
          thrown = callers;
        }
      }
    }
  }

  /** An attempt has failed; the strategy is asked, or the caller hears of it. */
  public static final class AsyncFailed {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static boolean enter(
        @Advice.FieldValue("val$scope") AsyncExecChain.Scope scope,
        @Advice.Argument(0) Exception cause) {
      HttpClientContext context = scope.clientContext;
      if (!(cause instanceof IOException) || context.getAttribute("keepalive.strategy") == null) {
        return false;
      }
      KeepaliveHooks.failed(context, cause);
      return !KeepaliveHooks.mayRetry(context, true, true);
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit(
        @Advice.Enter boolean forbidden,
        @Advice.FieldValue("val$asyncExecCallback") AsyncExecCallback caller,
        @Advice.Argument(0) Exception cause,
        @Advice.Thrown(readOnly = false) Throwable thrown) {
      if (forbidden) {
        try {
          caller.failed(cause);
        } catch (Throwable callers) {
          thrown = callers;
        }
      }
    }
  }
}
