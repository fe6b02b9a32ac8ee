package org.keepaliveagent.jettyclient;

import static org.keepaliveagent.jettyclient.JettyClientAdapter.CLIENT;
import static org.keepaliveagent.jettyclient.JettyClientAdapter.full;

import java.util.concurrent.TimeoutException;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import org.eclipse.jetty.client.HttpChannel;
import org.eclipse.jetty.client.HttpConversation;
import org.eclipse.jetty.client.HttpDestination;
import org.eclipse.jetty.client.HttpExchange;
import org.eclipse.jetty.client.HttpRequest;
import org.eclipse.jetty.client.Origin;
import org.eclipse.jetty.client.api.Request;
import org.eclipse.jetty.client.api.Result;
import org.eclipse.jetty.client.http.HttpConnectionOverHTTP;
import org.eclipse.jetty.client.util.FutureResponseListener;
import org.eclipse.jetty.http.HttpField;
import org.keepaliveagent.adapter.Hook;
import org.keepaliveagent.hooks.KeepaliveHooks;

/**
 * How a failed request of the Jetty client goes once more.
 *
 * <p>The library asks nobody: a failure completes an exchange's request or its response, both
 * halves are then terminated, the connection is closed, and the listeners of the conversation hear
 * of the result. Redirection and authentication start from there: in place of the application's
 * listeners they put one of their own in the conversation, and send again. So does this: when the
 * half completes, and the policy allows it, a listener that nobody waits for takes the
 * application's place; when both halves are terminated, another exchange of the same request joins
 * the queue, and with it the application's listeners are back.
 */
final class JettyClientAgain {
  private JettyClientAgain() {}

  /** Of 9.4 is the form without a lock. */
  static Hook failed(String half) {
    Hook locked = Hook.of(CLIENT + "HttpExchange", half, "(Ljava/lang/Throwable;)Z", Failed.class);
    return locked
        .reading("lock")
        .or(Hook.of(CLIENT + "HttpExchange", half, "(Ljava/lang/Throwable;)Z", FailedIn9.class));
  }

  static Hook unheard() {
    return Hook.of(
        CLIENT + "RequestNotifier",
        "notifyFailure",
        full("(Lapi/Request;Ljava/lang/Throwable;)V"),
        Unheard.class);
  }

  static Hook again(String owner, String method, String descriptor) {
    return Hook.of(CLIENT + owner, method, full(descriptor), Again.class).reading("channel");
  }

  /** One half of an exchange has failed with its connection. */
  public static final class Failed {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.This HttpExchange exchange,
        @Advice.Argument(0) Throwable cause,
        @Advice.Return boolean completed) {
      HttpRequest request = exchange.getRequest();
      HttpConversation conversation = request.getConversation();
      if (!completed || cause == null || conversation.getAttribute("keepalive.again") != null) {
        return;
      }
      KeepaliveHooks.failed(request, cause);
      Request.Content body = request.getBody();
      if (KeepaliveHooks.mayRetry(
          request,
          (body == null || body.isReproducible())
              && request.getAbortCause() == null
              && conversation.getExchanges().size() == 1,
          false)) {
        conversation.setAttribute("keepalive.again", exchange);
        conversation.updateResponseListeners(new FutureResponseListener(request));
      }
    }
  }

  /** As {@link Failed}, where bodies are of another type. */
  public static final class FailedIn9 {
    @Advice.OnMethodExit(suppress = Throwable.class)
    @SuppressWarnings("deprecation") // what 9.4 has
    public static void exit(
        @Advice.This HttpExchange exchange,
        @Advice.Argument(0) Throwable cause,
        @Advice.Return boolean completed) {
      HttpRequest request = exchange.getRequest();
      HttpConversation conversation = request.getConversation();
      if (!completed || cause == null || conversation.getAttribute("keepalive.again") != null) {
        return;
      }
      KeepaliveHooks.failed(request, cause);
      if (KeepaliveHooks.mayRetry(
          request,
          (request.getContent() == null || request.getContent().isReproducible())
              && request.getAbortCause() == null
              && conversation.getExchanges().size() == 1,
          false)) {
        conversation.setAttribute("keepalive.again", exchange);
        conversation.updateResponseListeners(new FutureResponseListener(request));
      }
    }
  }

  /**
   * A connection that dies abandons its exchange, and for good its request. Of one that goes once
   * more only the exchange ends, if its first half is not through yet.
   */
  public static final class Abandoned {
    @Advice.OnMethodEnter(suppress = Throwable.class, skipOn = Advice.OnNonDefaultValue.class)
    public static boolean enter(
        @Advice.This HttpConnectionOverHTTP connection, @Advice.Argument(0) Throwable cause) {
      HttpExchange exchange = connection.getHttpChannel().getHttpExchange();
      if (exchange == null
          || exchange.getConversation().getAttribute("keepalive.again") != exchange) {
        return false;
      }
      exchange.abort(cause);
      return true;
    }
  }

  /** The request's own listeners do not hear of a failure that is not the last word. */
  public static final class Unheard {
    @Advice.OnMethodEnter(suppress = Throwable.class, skipOn = Advice.OnNonDefaultValue.class)
    public static boolean enter(@Advice.Argument(0) Request request) {
      return request instanceof HttpRequest
          && ((HttpRequest) request).getConversation().getAttribute("keepalive.again") != null;
    }
  }

  /**
   * Both halves are terminated. Where the request was abandoned meanwhile, the new exchange ends at
   * once, and its listeners hear of that.
   */
  public static final class Again {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.FieldValue("channel") HttpChannel channel,
        @Advice.Argument(0) HttpExchange exchange,
        @Advice.Argument(value = 1, typing = Assigner.Typing.DYNAMIC) Object second,
        @Advice.Argument(value = 2, optional = true) Result third) {
      Result result = second instanceof Result ? (Result) second : third;
      HttpRequest request = exchange.getRequest();
      HttpConversation conversation = request.getConversation();
      if (result == null
          || !result.isFailed()
          || conversation.getAttribute("keepalive.again") != exchange) {
        return;
      }
      conversation.removeAttribute("keepalive.again");
      conversation.getExchanges().remove(exchange);
      HttpExchange again =
          new HttpExchange(channel.getHttpDestination(), request, exchange.getResponseListeners());
      Throwable abandoned = request.getAbortCause();
      if (abandoned == null) {
        channel.getHttpDestination().send(again);
        abandoned = request.getAbortCause();
      }
      if (abandoned != null) {
        again.abort(abandoned);
      }
    }
  }

  /** No connection could be made: the library gives up all that waits for one, as it does here. */
  public static final class Unreached {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    @SuppressWarnings("deprecation") // what 9.4 has
    public static void enter(
        @Advice.This HttpDestination destination, @Advice.Argument(0) Throwable cause) {
      String scheme = destination.getScheme();
      Origin.Address peer = destination.getOrigin().getAddress();
      if (destination.getProxy() != null && scheme.equals("http")) {
        peer = destination.getProxy().getAddress();
      }
      for (HttpExchange exchange : destination.getHttpExchanges()) {
        HttpRequest request = exchange.getRequest();
        Iterable<HttpField> headers = request.getHeaders();
        String traceparent = null;
        String b3 = null;
        for (HttpField header : headers) {
          if (header.getName().equalsIgnoreCase("traceparent")) {
            traceparent = header.getValue();
          } else if (header.getName().equalsIgnoreCase("b3")) {
            b3 = header.getValue();
          }
        }
        KeepaliveHooks.unreached(
            request,
            "jetty-client",
            scheme,
            peer.getHost(),
            peer.getPort(),
            request.getMethod(),
            traceparent == null ? b3 : traceparent,
            cause);
      }
    }
  }

  /**
   * An exchange has ended. One that was abandoned by the application has not failed, and a failure
   * of the connection was told before; what is left are time-outs.
   */
  public static final class Over {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.Argument(0) HttpExchange exchange, @Advice.Argument(1) Result result) {
      if (result.getFailure() instanceof TimeoutException) {
        KeepaliveHooks.failed(exchange.getRequest(), result.getFailure());
      }
    }
  }
}
