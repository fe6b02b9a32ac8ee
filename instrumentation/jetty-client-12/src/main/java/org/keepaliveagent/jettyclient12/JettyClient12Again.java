package org.keepaliveagent.jettyclient12;

import static org.keepaliveagent.jettyclient12.JettyClient12Adapter.CLIENT;
import static org.keepaliveagent.jettyclient12.JettyClient12Adapter.full;

import java.util.concurrent.TimeoutException;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import org.eclipse.jetty.client.ByteBufferRequestContent;
import org.eclipse.jetty.client.InputStreamResponseListener;
import org.eclipse.jetty.client.Origin;
import org.eclipse.jetty.client.PathRequestContent;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.client.transport.HttpChannel;
import org.eclipse.jetty.client.transport.HttpConversation;
import org.eclipse.jetty.client.transport.HttpDestination;
import org.eclipse.jetty.client.transport.HttpExchange;
import org.eclipse.jetty.client.transport.HttpRequest;
import org.eclipse.jetty.client.transport.internal.HttpConnectionOverHTTP;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.util.Promise;
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
final class JettyClient12Again {
  private JettyClient12Again() {}

  static Hook failed(String half) {
    return Hook.of(
        CLIENT + "transport.HttpExchange", half, "(Ljava/lang/Throwable;)Z", Failed.class);
  }

  static Hook unheard() {
    return Hook.of(
        CLIENT + "transport.HttpRequest",
        "notifyFailure",
        "(Ljava/lang/Throwable;)V",
        Unheard.class);
  }

  static Hook again(String owner, String method, String descriptor) {
    return Hook.of(CLIENT + "transport." + owner, method, full(descriptor), Again.class)
        .reading("channel");
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
          (body == null
                  || body instanceof ByteBufferRequestContent
                  || body instanceof PathRequestContent)
              && request.getAbortCause() == null
              && conversation.getExchanges().size() == 1,
          false)) {
        conversation.setAttribute("keepalive.again", exchange);
        conversation.updateResponseListeners(new InputStreamResponseListener());
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
        @Advice.This HttpConnectionOverHTTP connection,
        @Advice.Argument(0) Throwable cause,
        @Advice.Argument(1) Promise<Boolean> aborted) {
      HttpExchange exchange = connection.getHttpChannel().getHttpExchange();
      if (exchange == null
          || exchange.getConversation().getAttribute("keepalive.again") != exchange) {
        return false;
      }
      exchange.abort(cause, aborted);
      return true;
    }
  }

  /** The request's own listeners do not hear of a failure that is not the last word. */
  public static final class Unheard {
    @Advice.OnMethodEnter(suppress = Throwable.class, skipOn = Advice.OnNonDefaultValue.class)
    public static boolean enter(@Advice.This HttpRequest request) {
      return request.getConversation().getAttribute("keepalive.again") != null;
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
      HttpExchange again = new HttpExchange(channel.getHttpDestination(), request);
      Throwable abandoned = request.getAbortCause();
      if (abandoned == null && request.getBody() != null && !request.getBody().rewind()) {
        abandoned = result.getFailure();
      }
      if (abandoned == null) {
        channel.getHttpDestination().send(again);
        abandoned = request.getAbortCause();
      }
      if (abandoned != null) {
        again.abort(abandoned, Promise.<Boolean>noop());
      }
    }
  }

  /** No connection could be made: the library gives up all that waits for one, as it does here. */
  public static final class Unreached {
    @Advice.OnMethodEnter(suppress = Throwable.class)
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
            "jetty-client-12",
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
   * An exchange has ended; only now the fields of its response are all there, since another thread
   * may put them in. What failed with its connection was told before, what the application
   * abandoned has not failed; what is left are time-outs.
   */
  public static final class Over {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.FieldValue("connection") HttpConnectionOverHTTP connection,
        @Advice.Argument(0) HttpExchange exchange,
        @Advice.Argument(1) Result result) {
      if (result.getFailure() instanceof TimeoutException) {
        KeepaliveHooks.failed(exchange.getRequest(), result.getFailure());
      }
      Response response = exchange.getResponse();
      if (response.getStatus() < 200) {
        return;
      }
      String said = null;
      String keepAlive = null;
      for (HttpField header : response.getHeaders()) {
        String name = header.getName();
        if (name.equalsIgnoreCase("Connection")) {
          said = header.getValue();
        } else if (name.equalsIgnoreCase("Keep-Alive")) {
          keepAlive = header.getValue();
        }
      }
      KeepaliveHooks.responding(
          connection,
          response.getStatus(),
          response.getVersion().getVersion() < HttpVersion.HTTP_1_1.getVersion(),
          said,
          keepAlive);
    }
  }
}
