package org.keepaliveagent.proxycoreadapter;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import java.time.Duration;
import net.bytebuddy.asm.Advice;
import org.keepaliveagent.hooks.KeepaliveHooks;
import org.keepaliveagent.proxycore.Exchange;

/** The advice of {@link ProxyCoreAdapter} on what comes back. */
public final class ResponseAdvice {
  private ResponseAdvice() {}

  /** For how long the upstream may be silent. */
  public static final class ReadTimeout {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.Argument(0) Channel connection, @Advice.Return(readOnly = false) Duration silence) {
      int own = (int) Math.min(silence.toMillis(), Integer.MAX_VALUE);
      int millis = KeepaliveHooks.readTimeoutMillis(connection, own);
      if (millis != own) {
        silence = Duration.ofMillis(millis);
      }
    }
  }

  /** For how long the upstream may take nothing. */
  public static final class SendTimeout {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.Argument(0) Channel connection, @Advice.Return(readOnly = false) Duration silence) {
      int own = (int) Math.min(silence.toMillis(), Integer.MAX_VALUE);
      int millis = KeepaliveHooks.sendTimeoutMillis(connection, own);
      if (millis != own) {
        silence = Duration.ofMillis(millis);
      }
    }
  }

  /** Bytes have arrived, from either side; only a client's connection has a parent. */
  public static final class Begun {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(@Advice.Argument(0) ChannelHandlerContext context) {
      if (context.channel().parent() == null) {
        KeepaliveHooks.responseBegun(context.channel());
      }
    }
  }

  /**
   * The final response head has arrived: it is passed on, without what belongs to the hop to the
   * upstream where none of that crosses from here; or the request goes once more.
   */
  public static final class Responding {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static boolean enter(
        @Advice.This Exchange exchange,
        @Advice.Argument(0) Channel connection,
        @Advice.Argument(1) HttpResponse head) {
      HttpHeaders headers = head.headers();
      int status = head.status().code();
      KeepaliveHooks.responding(
          connection,
          status,
          head.protocolVersion().minorVersion() == 0,
          headers.containsValue("connection", "close", true) ? "close" : null,
          headers.get("keep-alive"));
      if (status >= 400
          && KeepaliveHooks.mayRetryAnswered(connection, exchange, exchange.replayable())) {
        exchange.start();
        return true;
      }
      if (status != 101
          && !KeepaliveHooks.maySendAll(connection)
          && !KeepaliveHooks.maySend(connection, "Keep-Alive", null, null)) {
        for (String nominating : headers.getAll("connection")) {
          for (String name : nominating.split("[, \\t]+", -1)) {
            // What frames the message is no matter of the hop, whatever the upstream says.
            if (!name.equalsIgnoreCase("content-length")
                && !name.equalsIgnoreCase("transfer-encoding")) {
              headers.remove(name);
            }
          }
        }
        headers.remove("connection");
        headers.remove("keep-alive");
        headers.remove("proxy-connection");
      }
      return false;
    }
  }
}
