package org.keepaliveagent.httpurlconnection;

import java.io.IOException;
import java.net.URL;
import javax.net.ssl.SSLException;
import net.bytebuddy.asm.Advice;
import org.keepaliveagent.hooks.KeepaliveHooks;
import sun.net.www.MessageHeader;
import sun.net.www.protocol.http.HttpURLConnection;

/**
 * An attempt has ended without a connection, because none could be made. Before the first there is
 * no {@code MessageHeader} that would be the exchange; the caller's object is it then.
 */
public final class HttpUrlUnreached {
  private HttpUrlUnreached() {}

  /** Connects for a caller, the last argument, unless a parked connection is found. */
  public static final class Connecting {
    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit(
        @Advice.AllArguments Object[] arguments, @Advice.Thrown Throwable thrown) {
      // The array is made where it is read.
      Object caller = thrown instanceof IOException ? arguments[arguments.length - 1] : null;
      if (caller instanceof HttpURLConnection) {
        HttpURLConnection request = (HttpURLConnection) caller;
        URL url = request.getURL();
        String traceparent = request.getRequestProperty("traceparent");
        KeepaliveHooks.unreached(
            request,
            "http-url-connection",
            url.getProtocol(),
            url.getHost(),
            url.getPort() < 0 ? url.getDefaultPort() : url.getPort(),
            request.getRequestMethod(),
            traceparent == null ? request.getRequestProperty("b3") : traceparent,
            thrown);
      }
    }
  }

  /** Connects for a caller, as above, and makes the new connection one of TLS. */
  public static final class Securing {
    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit(
        @Advice.This HttpURLConnection request, @Advice.Thrown Throwable thrown) {
      if (thrown instanceof SSLException) {
        URL url = request.getURL();
        String traceparent = request.getRequestProperty("traceparent");
        KeepaliveHooks.unreached(
            request,
            "http-url-connection",
            url.getProtocol(),
            url.getHost(),
            url.getPort() < 0 ? url.getDefaultPort() : url.getPort(),
            request.getRequestMethod(),
            traceparent == null ? request.getRequestProperty("b3") : traceparent,
            thrown);
      }
    }
  }

  /** Connects anew, where a request is there that was sent on a connection which has died. */
  public static final class Again {
    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit(
        @Advice.FieldValue("url") URL url,
        @Advice.FieldValue("requests") MessageHeader request,
        @Advice.Thrown Throwable thrown) {
      String line = request == null ? null : request.getKey(0);
      if (thrown instanceof IOException && line != null && line.indexOf(' ') > 0) {
        String traceparent = request.findValue("traceparent");
        KeepaliveHooks.unreached(
            request,
            "http-url-connection",
            url.getProtocol(),
            url.getHost(),
            url.getPort() < 0 ? url.getDefaultPort() : url.getPort(),
            line.substring(0, line.indexOf(' ')),
            traceparent == null ? request.findValue("b3") : traceparent,
            thrown);
      }
    }
  }
}
