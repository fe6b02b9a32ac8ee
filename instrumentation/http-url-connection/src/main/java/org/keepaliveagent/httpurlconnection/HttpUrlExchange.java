package org.keepaliveagent.httpurlconnection;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.net.URL;
import net.bytebuddy.asm.Advice;
import org.keepaliveagent.hooks.KeepaliveHooks;
import sun.net.www.MessageHeader;
import sun.net.www.http.HttpClient;

/**
 * What happens to one exchange of {@code HttpURLConnection}: its head is written, its response
 * read, its failure judged. The advice of {@link HttpUrlConnectionAdapter} for it.
 */
public final class HttpUrlExchange {
  private HttpUrlExchange() {}

  /** Writes a request, for the first time or again. One that asks a proxy for a tunnel is none. */
  public static final class Sending {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This HttpClient client,
        @Advice.FieldValue("url") URL url,
        @Advice.Argument(0) MessageHeader request) {
      Object connection = client.serverOutput;
      String line = request.getKey(0);
      if (line == null || line.startsWith("CONNECT ")) {
        return;
      }
      KeepaliveHooks.opened(
          connection,
          "http-url-connection",
          url.getProtocol(),
          url.getHost(),
          url.getPort() < 0 ? url.getDefaultPort() : url.getPort());
      if (!KeepaliveHooks.maySendAll(connection)) {
        String nominated = request.findValue("Connection");
        for (int i = 1; request.getKey(i) != null; ) {
          String name = request.getKey(i);
          if (KeepaliveHooks.maySend(connection, name, request.getValue(i), nominated)) {
            i++;
          } else {
            request.remove(name);
          }
        }
        String[] set = KeepaliveHooks.headersToSet(connection);
        for (int i = 0; set != null && i < set.length; i += 2) {
          request.add(set[i], set[i + 1]);
        }
      }
      int own = client.getReadTimeout();
      int millis = KeepaliveHooks.readTimeoutMillis(connection, own);
      if (millis != own) {
        client.setReadTimeout(millis);
      }
      String traceparent = request.findValue("traceparent");
      if (traceparent == null) {
        traceparent = request.findValue("b3");
      }
      String traceId = traceparent == null ? request.findValue("X-B3-TraceId") : null;
      if (traceId != null) {
        traceparent =
            KeepaliveHooks.b3(
                traceId,
                request.findValue("X-B3-SpanId"),
                request.findValue("X-B3-Sampled"),
                request.findValue("X-B3-Flags"));
      }
      KeepaliveHooks.sending(
          connection,
          request,
          line.substring(0, line.indexOf(' ')),
          traceparent,
          request.findValue("Idempotency-Key") != null);
    }
  }

  /**
   * Writes a request for the first time; when that fails, the library writes it once more. Without
   * permission the failure is the library's own for a second failed write. What is streamed has not
   * begun to flow.
   */
  public static final class RetryOfWrite {
    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit(
        @Advice.This HttpClient client,
        @Advice.Argument(0) MessageHeader request,
        @Advice.Thrown(readOnly = false) Throwable thrown) {
      if (thrown == null && client.serverOutput.checkError()) {
        IOException cause = new IOException("Error writing to server");
        KeepaliveHooks.failed(request, cause);
        if (!KeepaliveHooks.mayRetry(request, true, true)) {
          client.closeServer();
          thrown = cause;
        }
      }
    }
  }

  /**
   * A response head has been read, or could not be. A connection that will not be parked is
   * reported as closed at once: nobody hears of it when the caller has read the body and closes it.
   * While the library waits for permission to send a body, a time-out is no failure.
   */
  public static final class Responding {
    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit(
        @Advice.This HttpClient client,
        @Advice.FieldValue("requests") MessageHeader request,
        @Advice.FieldValue("ignoreContinue") boolean awaitsFinal,
        @Advice.FieldValue("keepingAlive") boolean keepingAlive,
        @Advice.Argument(0) MessageHeader response,
        @Advice.Thrown Throwable thrown) {
      if (thrown != null) {
        if (awaitsFinal || !(thrown instanceof SocketTimeoutException)) {
          KeepaliveHooks.failed(request, thrown);
        }
        return;
      }
      String line = response.getValue(0);
      int code = line == null ? 0 : line.indexOf(' ') + 1;
      if (code < 8 || line.length() < code + 3 || line.charAt(code) < '2') {
        return;
      }
      KeepaliveHooks.responding(
          client.serverOutput,
          Integer.parseInt(line.substring(code, code + 3)),
          line.startsWith("HTTP/1.0"),
          response.findValue("Connection"),
          response.findValue("Keep-Alive"));
      if (!keepingAlive) {
        KeepaliveHooks.closed(client.serverOutput, false);
      }
    }
  }

  /**
   * Tells the method of a request, and is asked only between a failed read and the decision to send
   * the request again: a tunnel is never asked for again. Here either the input has ended or its
   * socket is closed, so that looking for the first byte of a response does not wait.
   */
  public static final class RetryOfRead {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.This HttpClient client,
        @Advice.FieldValue("requests") MessageHeader request,
        @Advice.FieldValue("streaming") boolean streaming,
        @Advice.FieldValue("retryPostProp") boolean retriesPost,
        @Advice.Return(readOnly = false) String method) {
      boolean wouldRetry =
          !streaming && !method.equals("CONNECT") && (retriesPost || !method.equals("POST"));
      InputStream input = client.serverInput;
      boolean answered = input != null;
      try {
        if (answered) {
          input.reset();
          answered = false;
          answered = input.read() >= 0;
        }
      } catch (IOException e) {
        // too much has been read to go back, or there is nothing to read
      }
      KeepaliveHooks.failed(request, new EOFException("Unexpected end of file from server"));
      if (!KeepaliveHooks.mayRetry(request, wouldRetry && !answered, wouldRetry)) {
        method = "CONNECT";
      }
    }
  }
}
