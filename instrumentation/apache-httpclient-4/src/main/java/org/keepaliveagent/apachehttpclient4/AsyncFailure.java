package org.keepaliveagent.apachehttpclient4;

import java.io.IOException;
import java.net.SocketTimeoutException;
import net.bytebuddy.asm.Advice;
import org.apache.http.ConnectionClosedException;
import org.apache.http.HttpEntity;
import org.apache.http.HttpEntityEnclosingRequest;
import org.apache.http.client.methods.HttpRequestWrapper;
import org.apache.http.nio.NHttpClientConnection;
import org.apache.http.nio.NHttpConnection;
import org.apache.http.nio.protocol.HttpAsyncClientExchangeHandler;
import org.apache.http.nio.protocol.HttpAsyncRequestExecutor;
import org.apache.http.protocol.HttpContext;
import org.keepaliveagent.hooks.KeepaliveHooks;

/**
 * What the asynchronous client does when a connection ends under a request.
 *
 * <p>The library never repeats a request that was sent, but it begins anew where a connection ends
 * before: a request that may go once more is put on that path, which resets the request's producer
 * and refuses one that cannot be reset.
 */
public final class AsyncFailure {
  private AsyncFailure() {}

  /**
   * The peer has ended a connection, or a request waits for its answer in vain; before the library
   * tells the exchange that it has failed. What this side closes comes here too, but not as active
   * and marked as such: TLS ends a connection that its peer has reset in the same way, unmarked.
   *
   * <p>Where a TLS connection ends between its lease and the writing of the request, the library
   * tells the exchange nothing and it never ends; it is put on the same path.
   */
  public static final class Failed {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static boolean enter(
        @Advice.Origin("#m") String event,
        @Advice.Argument(0) NHttpClientConnection connection,
        @Advice.Argument(value = 1, optional = true) Exception thrown) {
      HttpContext context = connection.getContext();
      Object exchange = context.getAttribute(HttpAsyncRequestExecutor.HTTP_HANDLER);
      Object sent = context.getAttribute("keepalive.request");
      boolean late = event.equals("timeout");
      Object state = context.getAttribute("keepalive.state");
      if (connection.getStatus() != NHttpConnection.ACTIVE
          && !(event.equals("closed")
              && state instanceof long[]
              && ((long[]) state)[AsyncExchange.STAGE] < AsyncExchange.CLOSED_HERE)) {
        return false;
      }
      HttpEntity body = null;
      if (sent instanceof HttpEntityEnclosingRequest) {
        if (late && ((HttpEntityEnclosingRequest) sent).expectContinue()) {
          return false;
        }
        body = ((HttpEntityEnclosingRequest) sent).getEntity();
      }
      if (exchange != null) {
        Exception cause = thrown;
        if (cause == null) {
          cause = late ? new SocketTimeoutException() : new ConnectionClosedException(event);
        }
        KeepaliveHooks.failed(exchange, cause);
      }
      if (!late && (thrown == null || thrown instanceof IOException)) {
        KeepaliveHooks.closed(connection, true);
      }
      if (!(exchange instanceof HttpAsyncClientExchangeHandler)
          || ((HttpAsyncClientExchangeHandler) exchange).isDone()
          || !(sent instanceof HttpRequestWrapper)) {
        return false;
      }
      boolean unsent =
          state instanceof long[] && ((long[]) state)[AsyncExchange.STAGE] == AsyncExchange.PARKED;
      boolean restartable =
          exchange.getClass().getName().endsWith(".DefaultClientExchangeHandlerImpl");
      boolean replayable =
          restartable
              && (thrown == null || thrown instanceof IOException)
              && (body == null || body.isRepeatable())
              && state instanceof long[]
              && ((long[]) state)[AsyncExchange.RECEIVED]
                  == connection.getMetrics().getReceivedBytesCount();
      if (unsent
          ? !restartable || !event.equals("closed") || KeepaliveHooks.mayLease(connection)
          : !KeepaliveHooks.mayRetry(exchange, replayable, false)) {
        return false;
      }
      context.removeAttribute(HttpAsyncRequestExecutor.HTTP_HANDLER);
      if (unsent) {
        KeepaliveHooks.leasing(exchange);
      } else {
        KeepaliveHooks.leasing(exchange, ((HttpRequestWrapper) sent).getMethod());
      }
      try {
        ((HttpAsyncClientExchangeHandler) exchange).inputTerminated();
        return true;
      } catch (RuntimeException beyondRepair) {
        context.setAttribute(HttpAsyncRequestExecutor.HTTP_HANDLER, exchange);
        return false;
      } finally {
        KeepaliveHooks.leased();
      }
    }
  }

  /**
   * Hands a connection to its exchange: asks for output, then fails the exchange if the connection
   * is closed. By then the reactor may have sent the request, seen the connection die and begun
   * anew, and the exchange would fail over a connection that it has left. Only after all of that is
   * output asked for, as later versions do.
   */
  public static final class HandOver {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static Object enter(@Advice.Argument(0) NHttpClientConnection leased) {
      Object state = leased.getContext().getAttribute("keepalive.state");
      if (state instanceof long[]) {
        ((long[]) state)[AsyncExchange.HANDING_OVER] = 1;
      }
      return state;
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit(
        @Advice.Enter Object state, @Advice.Argument(0) NHttpClientConnection leased) {
      if (state instanceof long[]) {
        ((long[]) state)[AsyncExchange.HANDING_OVER] = 0;
        leased.requestOutput();
      }
    }
  }

  /** Asks for output on a leased connection. */
  public static final class Output {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static boolean enter(@Advice.This NHttpClientConnection leased) {
      Object state = leased.getContext().getAttribute("keepalive.state");
      return state instanceof long[] && ((long[]) state)[AsyncExchange.HANDING_OVER] != 0;
    }
  }
}
