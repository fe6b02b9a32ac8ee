package org.keepaliveagent.reactornetty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.util.AttributeKey;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import net.bytebuddy.asm.Advice;
import org.keepaliveagent.hooks.KeepaliveHooks;
import org.reactivestreams.Publisher;
import reactor.core.Fuseable;
import reactor.netty.Connection;
import reactor.netty.channel.AbortedException;

/** How long an answer is waited for, and whether a request is sent again. */
final class RetryAdvice {
  private RetryAdvice() {}

  /** A request has been sent; from here on its answer is waited for. */
  public static final class Waiting {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This Connection operations,
        @Advice.FieldValue(value = "responseTimeout", readOnly = false) Duration timeout) {
      Channel channel = operations.channel();
      if (channel.pipeline().get(HttpClientCodec.class) == null) {
        return;
      }
      int otherwise =
          timeout == null ? 0 : (int) Math.min(Integer.MAX_VALUE, Math.max(1, timeout.toMillis()));
      int wait = KeepaliveHooks.readTimeoutMillis(channel, otherwise);
      if (wait != otherwise) {
        timeout = Duration.ofMillis(wait);
      }
    }
  }

  /**
   * A body is about to be sent. One that is computed anew for each subscriber can be sent again; of
   * any other publisher nobody can tell.
   */
  public static final class Body {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This Connection operations, @Advice.Argument(0) Publisher<?> body) {
      operations
          .channel()
          .attr(AttributeKey.<Object>valueOf("keepalive.replayable"))
          .set(
              body instanceof Callable && !(body instanceof Fuseable.ScalarCallable) ? body : null);
    }
  }

  /** An exchange fails on this connection; below, on this thread, it is asked whether to retry. */
  public static final class Failing {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(@Advice.Argument(0) Connection connection) {
      KeepaliveHooks.reading(connection.channel());
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit() {
      KeepaliveHooks.reading(null);
    }
  }

  /** The library's verdict: is this exchange tried again? */
  public static final class Retry {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.This Object exchange,
        @Advice.Argument(0) Throwable cause,
        @Advice.Return(readOnly = false) boolean again) {
      if (cause instanceof IOException && "keepalive.refused".equals(cause.getMessage())) {
        again = true;
      } else if (cause instanceof IOException
          || cause instanceof ChannelException
          || cause instanceof AbortedException) {
        // Anything else is a redirect, or an exception of the application's own.
        KeepaliveHooks.failed(exchange, cause);
        Object channel = KeepaliveHooks.read();
        boolean replayable =
            channel instanceof Channel
                && (((Channel) channel).attr(AttributeKey.<Object>valueOf("keepalive.body")).get()
                        == null
                    || ((Channel) channel)
                            .attr(AttributeKey.<Object>valueOf("keepalive.replayable"))
                            .get()
                        != null);
        again = KeepaliveHooks.mayRetry(exchange, replayable, again);
      }
    }
  }
}
