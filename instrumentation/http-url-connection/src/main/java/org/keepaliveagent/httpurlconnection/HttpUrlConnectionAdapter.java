package org.keepaliveagent.httpurlconnection;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URL;
import java.util.Arrays;
import java.util.List;
import net.bytebuddy.asm.Advice;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.adapter.Hook;
import org.keepaliveagent.hooks.KeepaliveHooks;
import org.keepaliveagent.hooks.KeepaliveSocket;
import sun.net.www.MessageHeader;
import sun.net.www.http.HttpClient;
import sun.net.www.protocol.http.HttpURLConnection;

/**
 * The JDK's {@code HttpURLConnection}, with TLS and without.
 *
 * <p>Its {@code HttpClient} outlives a transport: a repeated request opens the same one anew. So a
 * connection is the stream that requests are written to, one for each transport, and an exchange is
 * the request's {@code MessageHeader}, which all its attempts write. The library repeats a request
 * at two places, after a failed write and after a failed read, once and always on a new connection,
 * whatever its method; a body that is streamed it does not repeat after a failed read.
 */
public final class HttpUrlConnectionAdapter implements Adapter {
  private static final String CLIENT = "sun.net.www.http.HttpClient";
  private static final String TLS_CLIENT = "sun.net.www.protocol.https.HttpsClient";
  private static final String HEADER = "Lsun/net/www/MessageHeader;";
  private static final String BODY = "Lsun/net/www/http/PosterOutputStream;";
  private static final String URL_CONNECTION = "Lsun/net/www/protocol/http/HttpURLConnection;";

  @Override
  public String name() {
    return "http-url-connection";
  }

  @Override
  public String versions() {
    return "JDK 8 to 25";
  }

  @Override
  public List<Hook> hooks() {
    return Arrays.asList(
        Hook.of(
            CLIENT,
            "New",
            "(Ljava/net/URL;Ljava/net/Proxy;IZ" + URL_CONNECTION + ")Lsun/net/www/http/HttpClient;",
            Lease.class),
        Hook.of(
            TLS_CLIENT,
            "New",
            "(Ljavax/net/ssl/SSLSocketFactory;Ljava/net/URL;Ljavax/net/ssl/HostnameVerifier;"
                + "Ljava/net/Proxy;ZI"
                + URL_CONNECTION
                + ")Lsun/net/www/http/HttpClient;",
            TlsLease.class),
        Hook.of(CLIENT, "isCachedConnection", "()Z", Look.class),
        Hook.of(CLIENT, "putInKeepAliveCache", "()V", Park.class),
        Hook.of(TLS_CLIENT, "putInKeepAliveCache", "()V", Park.class),
        Hook.of(CLIENT, "writeRequests", "(" + HEADER + BODY + ")V", Sending.class).reading("url"),
        Hook.of(CLIENT, "writeRequests", "(" + HEADER + BODY + "Z)V", RetryOfWrite.class),
        Hook.of(
                CLIENT,
                "parseHTTPHeader",
                "(" + HEADER + "Lsun/net/ProgressSource;" + URL_CONNECTION + ")Z",
                Responding.class)
            .or("(" + HEADER + URL_CONNECTION + ")Z", Responding.class)
            .reading("requests", "ignoreContinue", "keepingAlive"),
        Hook.of(CLIENT, "getRequestMethod", "()Ljava/lang/String;", RetryOfRead.class)
            .reading("requests", "streaming", "retryPostProp"),
        Hook.of(CLIENT, "closeServer", "()V", Closed.class));
  }

  /** The library drops a connection that may not be leased when it meets it. */
  @Override
  public void close(Object connection) throws IOException {
    ((Closeable) connection).close();
  }

  /** Takes a connection out of the cache, or makes one; runs again after a refusal. */
  public static final class Lease {
    @Advice.OnMethodExit(repeatOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static boolean exit(
        @Advice.Argument(4) HttpURLConnection request, @Advice.Return HttpClient client) {
      if (!client.isCachedConnection()) {
        return false;
      }
      String method = request == null ? null : request.getRequestMethod();
      if (KeepaliveHooks.mayLease(client.serverOutput, method)) {
        return false;
      }
      client.closeServer();
      return true;
    }
  }

  /** The same for TLS. */
  public static final class TlsLease {
    @Advice.OnMethodExit(repeatOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static boolean exit(
        @Advice.Argument(6) HttpURLConnection request, @Advice.Return HttpClient client) {
      if (!client.isCachedConnection()) {
        return false;
      }
      String method = request == null ? null : request.getRequestMethod();
      if (KeepaliveHooks.mayLease(client.serverOutput, method)) {
        return false;
      }
      client.closeServer();
      return true;
    }
  }

  /**
   * Tells whether a connection was parked; asked by the lease above and by the library itself,
   * never while a response is due. Nobody has read from the connection since, so that only now its
   * peer's FIN is seen.
   */
  public static final class Look {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.This HttpClient client,
        @Advice.FieldValue("serverSocket") Socket socket,
        @Advice.Return boolean parked) {
      if (parked && !KeepaliveSocket.isQuiet(socket)) {
        KeepaliveHooks.closed(client.serverOutput, true);
      }
    }
  }

  /** Takes a connection back whose response has been read; must close it instead. */
  public static final class Park {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static boolean enter(@Advice.This HttpClient client) {
      if (KeepaliveHooks.mayPark(client.serverOutput)) {
        return false;
      }
      client.closeServer();
      return true;
    }
  }

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
      }
      KeepaliveHooks.sending(
          connection,
          request,
          line.substring(0, line.indexOf(' ')),
          request.findValue("traceparent"),
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

  /** This side closes a connection. */
  public static final class Closed {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(@Advice.This HttpClient client) {
      if (client.serverOutput != null) {
        KeepaliveHooks.closed(client.serverOutput, false);
      }
    }
  }
}
