package org.keepaliveagent.reactornetty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.util.AttributeKey;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import org.keepaliveagent.hooks.KeepaliveHooks;
import org.reactivestreams.Publisher;
import reactor.core.Fuseable;
import reactor.netty.Connection;
import reactor.netty.channel.AbortedException;

/** How long an answer is waited for, and what becomes of a request that fails. */
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

  /** The library is about to judge a failure, which may be that it has no connection. */
  public static final class Unreached {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This Object exchange,
        @Advice.FieldValue("method") HttpMethod method,
        @Advice.FieldValue("defaultHeaders") HttpHeaders headers,
        @Advice.FieldValue(value = "toURI", typing = Assigner.Typing.DYNAMIC) Object uri,
        @Advice.Argument(0) Throwable cause) {
      Object address =
          cause instanceof ConnectException
                  || cause instanceof UnknownHostException
                  || cause instanceof SSLException
              ? ((Supplier<?>) exchange).get()
              : null;
      if (address instanceof InetSocketAddress) {
        InetSocketAddress peer = (InetSocketAddress) address;
        String scheme = uri.toString();
        String traceparent = headers.get("traceparent");
        KeepaliveHooks.unreached(
            exchange,
            "reactor-netty",
            scheme.startsWith("https:") || scheme.startsWith("wss:") ? "https" : "http",
            peer.getHostString(),
            peer.getPort(),
            method.name(),
            traceparent == null ? headers.get("b3") : traceparent,
            cause);
      }
    }
  }

  /** The library's verdict: is this exchange tried again? */
  public static final class Retry {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.This Object exchange,
        @Advice.Argument(0) Throwable cause,
        @Advice.Return(readOnly = false) boolean again) {
      Object channel = KeepaliveHooks.read();
      String refused = cause instanceof IOException ? cause.getMessage() : null;
      boolean transport =
          cause instanceof IOException
              || cause instanceof ChannelException
              || cause instanceof AbortedException;
      // It is closed, and the codec has encoded nothing on it; what comes now goes nowhere.
      boolean diedUnused =
          transport
              && channel instanceof Channel
              && !((Channel) channel).isActive()
              && ((Channel) channel).attr(AttributeKey.<Object>valueOf("keepalive.unused")).get()
                  != null;
      if (diedUnused
          || (refused != null
              && (refused.equals("keepalive.refused")
                  || (refused.startsWith("Error while acquiring from") && channel != null)))) {
        // Nothing has been sent, and the pool has one connection less.
        again = true;
      } else if (transport) {
        // Anything else is a redirect, or an exception of the application's own.
        KeepaliveHooks.failed(exchange, cause);
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
