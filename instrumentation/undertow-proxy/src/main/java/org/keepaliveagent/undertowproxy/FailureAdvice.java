package org.keepaliveagent.undertowproxy;

import io.undertow.predicate.Predicate;
import io.undertow.predicate.Predicates;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.proxy.ProxyConnection;
import io.undertow.util.AttachmentKey;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.channels.Channel;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import org.keepaliveagent.hooks.KeepaliveHooks;
import org.xnio.IoUtils;

/** The advice of {@link UndertowProxyAdapter} on what goes wrong. */
public final class FailureAdvice {
  private FailureAdvice() {}

  /**
   * An attempt has failed before its response: the error page, or the same request once more. The
   * handler is there only where the whole request had been read before it was sent, so that all of
   * it can be sent again.
   *
   * <p>A request whose write fails is reported twice: by its writer and by its connection. The
   * connection is taken off the exchange with the first, so that the second has none.
   */
  public static final class Failed {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static boolean enter(
        @Advice.Argument(0) HttpServerExchange exchange,
        @Advice.Argument(value = 1, typing = Assigner.Typing.DYNAMIC) Object handler,
        @Advice.Argument(value = 2, readOnly = false) Predicate idempotent,
        @Advice.Argument(3) IOException cause,
        @Advice.FieldValue("CONNECTION") AttachmentKey<ProxyConnection> key) {
      ProxyConnection failed = exchange.getAttachment(key);
      if (handler != null && failed == null && !KeepaliveHooks.mayReuse(exchange)) {
        return true;
      }
      KeepaliveHooks.failed(exchange, cause);
      boolean replayable = handler != null && !exchange.isResponseStarted();
      boolean library = replayable && idempotent.resolve(exchange);
      boolean yes = KeepaliveHooks.mayRetry(exchange, replayable, library);
      if (yes && KeepaliveHooks.mayReturn(exchange, false)) {
        exchange.removeAttachment(key);
        if (failed != null && failed.getConnection() == KeepaliveHooks.read()) {
          // Its reader is about to; but the pool may have no other place for the next one.
          IoUtils.safeClose(failed.getConnection());
        } else if (failed != null) {
          // Its writer still uses it, and closes it before the thread goes on.
          failed.getConnection().getIoThread().execute((Runnable) handler);
          return true;
        }
        try {
          ((Runnable) handler).run();
        } catch (RuntimeException heardOf) {
          // The handler was told so too, and has answered.
        }
        return true;
      }
      if (library && !yes) {
        idempotent = Predicates.falsePredicate();
      }
      return false;
    }
  }

  /** A body could not be read or written, on either side; the front gets no other answer. */
  public static final class BrokenOff {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.FieldValue("exchange") HttpServerExchange exchange,
        @Advice.Argument(0) Channel channel,
        @Advice.Argument(1) IOException cause) {
      if (channel.getClass().getName().startsWith("io.undertow.client.")) {
        KeepaliveHooks.failed(exchange, cause);
      }
    }
  }

  /** The time that the proxy gives a request is over: its connection is closed. */
  public static final class TimedOut {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(@Advice.Argument(0) HttpServerExchange exchange) {
      KeepaliveHooks.failed(exchange, new SocketTimeoutException("maxRequestTime"));
      KeepaliveHooks.mayRetry(exchange, false, false);
    }
  }
}
