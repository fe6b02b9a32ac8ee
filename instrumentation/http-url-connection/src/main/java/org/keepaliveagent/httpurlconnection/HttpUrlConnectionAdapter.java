package org.keepaliveagent.httpurlconnection;

import java.io.Closeable;
import java.io.IOException;
import java.net.Socket;
import java.net.URL;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLSession;
import net.bytebuddy.asm.Advice;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.adapter.Hook;
import org.keepaliveagent.hooks.KeepaliveHooks;
import org.keepaliveagent.hooks.KeepaliveSocket;
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
  private static final String NEW =
      "(Ljava/net/URL;Ljava/net/Proxy;IZ" + URL_CONNECTION + ")Lsun/net/www/http/HttpClient;";
  private static final String TLS_NEW =
      "(Ljavax/net/ssl/SSLSocketFactory;Ljava/net/URL;Ljavax/net/ssl/HostnameVerifier;"
          + "Ljava/net/Proxy;ZI"
          + URL_CONNECTION
          + ")Lsun/net/www/http/HttpClient;";
  private static final String OPEN = "(Ljava/lang/String;I)V";

  @Override
  public String name() {
    return "http-url-connection";
  }

  @Override
  public String versions() {
    return "JDK 8 to 26";
  }

  @Override
  public List<Hook> hooks() {
    return Arrays.asList(
        Hook.of(CLIENT, "New", NEW, Lease.class),
        Hook.of(CLIENT, "New", NEW, HttpUrlUnreached.Connecting.class),
        Hook.of(TLS_CLIENT, "New", TLS_NEW, TlsLease.class),
        Hook.of(TLS_CLIENT, "New", TLS_NEW, HttpUrlUnreached.Connecting.class),
        Hook.of(
            "sun.net.www.protocol.https.AbstractDelegateHttpsURLConnection",
            "connect",
            "()V",
            HttpUrlUnreached.Securing.class),
        Hook.of(CLIENT, "openServer", OPEN, Connect.class).reading("url"),
        Hook.of(CLIENT, "openServer", OPEN, HttpUrlUnreached.Again.class)
            .reading("url", "requests"),
        Hook.of(TLS_CLIENT, "afterConnect", "()V", Handshake.class).reading("session"),
        Hook.of(CLIENT, "isCachedConnection", "()Z", Look.class).reading("url"),
        Hook.of(CLIENT, "putInKeepAliveCache", "()V", Park.class).reading("kac"),
        Hook.of(TLS_CLIENT, "putInKeepAliveCache", "()V", Park.class),
        Hook.of(CLIENT, "writeRequests", "(" + HEADER + BODY + ")V", HttpUrlExchange.Sending.class)
            .reading("url"),
        Hook.of(
            CLIENT,
            "writeRequests",
            "(" + HEADER + BODY + "Z)V",
            HttpUrlExchange.RetryOfWrite.class),
        Hook.of(
                CLIENT,
                "parseHTTPHeader",
                "(" + HEADER + "Lsun/net/ProgressSource;" + URL_CONNECTION + ")Z",
                HttpUrlExchange.Responding.class)
            .or("(" + HEADER + URL_CONNECTION + ")Z", HttpUrlExchange.Responding.class)
            .reading("requests", "ignoreContinue", "keepingAlive"),
        Hook.of(
                CLIENT,
                "getRequestMethod",
                "()Ljava/lang/String;",
                HttpUrlExchange.RetryOfRead.class)
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

  /** Connects, for the first time or again. */
  public static final class Connect {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(@Advice.This HttpClient client, @Advice.FieldValue("url") URL url) {
      int port = url.getPort() < 0 ? url.getDefaultPort() : url.getPort();
      int own = client.getConnectTimeout();
      int millis = KeepaliveHooks.connectTimeoutMillis(url.getProtocol(), url.getHost(), port, own);
      if (millis != own) {
        client.setConnectTimeout(millis);
      }
    }

    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.FieldValue("url") URL url, @Advice.FieldValue("serverSocket") Socket socket) {
      int port = url.getPort() < 0 ? url.getDefaultPort() : url.getPort();
      KeepaliveHooks.connected(socket, url.getProtocol(), url.getHost(), port);
    }
  }

  /** Makes a new connection one of TLS; finds the session of a parked one as it was. */
  public static final class Handshake {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static Object enter(@Advice.FieldValue("session") SSLSession session) {
      return session;
    }

    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.This HttpClient client,
        @Advice.Enter Object before,
        @Advice.FieldValue("url") URL url,
        @Advice.FieldValue("session") SSLSession session) {
      if (session != before) {
        int port = url.getPort() < 0 ? url.getDefaultPort() : url.getPort();
        KeepaliveHooks.opened(
            client.serverOutput, "http-url-connection", "https", url.getHost(), port);
        KeepaliveHooks.secured(url.getHost(), port, session);
      }
    }
  }

  /**
   * Tells whether a connection was parked; asked by the lease above and by the library itself,
   * never while a response is due. Nobody has read from the connection since, so that only now its
   * peer's FIN is seen; also that of one which was parked before the agent came.
   */
  public static final class Look {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.This HttpClient client,
        @Advice.FieldValue("serverSocket") Socket socket,
        @Advice.FieldValue("url") URL url,
        @Advice.Return boolean parked) {
      if (parked) {
        int port = url.getPort() < 0 ? url.getDefaultPort() : url.getPort();
        KeepaliveHooks.opened(
            client.serverOutput, "http-url-connection", url.getProtocol(), url.getHost(), port);
        if (!KeepaliveSocket.isQuiet(client.serverOutput, null, socket)) {
          KeepaliveHooks.closed(client.serverOutput, true);
        }
      }
    }
  }

  /** Takes a connection back whose response has been read; must close it instead. */
  public static final class Park {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static boolean enter(
        @Advice.This HttpClient client, @Advice.FieldValue("kac") Object cache) {
      if (KeepaliveHooks.mayPark(client.serverOutput, cache)) {
        return false;
      }
      client.closeServer();
      return true;
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
