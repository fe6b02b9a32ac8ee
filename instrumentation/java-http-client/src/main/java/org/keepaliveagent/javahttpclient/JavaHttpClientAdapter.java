package org.keepaliveagent.javahttpclient;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiPredicate;
import javax.net.ssl.SSLEngine;
import net.bytebuddy.asm.Advice;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.adapter.Hook;
import org.keepaliveagent.hooks.KeepaliveHeaderFilter;
import org.keepaliveagent.hooks.KeepaliveHooks;

/**
 * The JDK's {@code java.net.http} client.
 *
 * <p>A connection is its {@code HttpConnection}, an exchange its {@code HttpRequestImpl}, which
 * stays the same when the client tries again. The client hands out the connection that idled
 * longest, looks at it once more without waiting, and repeats an idempotent request once, on
 * whatever its pool holds. HTTP/2 connections pass none of these places but the first.
 */
public final class JavaHttpClientAdapter implements Adapter {
  private static final String PACKAGE = "jdk.internal.net.http.";
  private static final String CONNECTION = "Ljdk/internal/net/http/HttpConnection;";
  private static final String REQUEST = "Ljdk/internal/net/http/HttpRequestImpl;";
  private static final String ADDRESS = "Ljava/net/InetSocketAddress;";
  private static final String HEADERS = "Ljava/net/http/HttpHeaders;";
  private static final String VERSION = "Ljava/net/http/HttpClient$Version;";

  @Override
  public String name() {
    return "java-http-client";
  }

  @Override
  public String versions() {
    return "JDK 11 to 25";
  }

  @Override
  public List<Hook> hooks() {
    return Arrays.asList(
        Hook.of(
            PACKAGE + "HttpConnection",
            "getConnection",
            "("
                + ADDRESS
                + "Ljdk/internal/net/http/HttpClientImpl;"
                + REQUEST
                + VERSION
                + ")"
                + CONNECTION,
            Lease.class),
        Hook.of(
            PACKAGE + "ConnectionPool",
            "getConnection",
            "(Z" + ADDRESS + ADDRESS + ")" + CONNECTION,
            Lookup.class),
        Hook.of(
            PACKAGE + "HttpConnection", "closeOrReturnToCache", "(" + HEADERS + ")V", Park.class),
        Hook.of(
                PACKAGE + "Http1Request",
                "collectHeaders0",
                "(Ljava/lang/StringBuilder;)V",
                Sending.class)
            .reading("connection", "request", "userHeaders"),
        Hook.of(
                PACKAGE + "Http1Request",
                "collectHeaders1",
                "(Ljava/lang/StringBuilder;" + HEADERS + "Ljava/util/function/BiPredicate;)V",
                Headers.class)
            .reading("connection"),
        Hook.of(
            PACKAGE + "Response",
            "<init>",
            "("
                + REQUEST
                + "Ljdk/internal/net/http/Exchange;"
                + HEADERS
                + CONNECTION
                + "I"
                + VERSION
                + "Z)V",
            Responding.class),
        Hook.of(
                PACKAGE + "MultiExchange",
                "getExceptionalCF",
                "(Ljava/lang/Throwable;Ljdk/internal/net/http/ExchangeImpl;)"
                    + "Ljava/util/concurrent/CompletableFuture;",
                Failed.class)
            .or("(Ljava/lang/Throwable;)Ljava/util/concurrent/CompletableFuture;", Failed.class)
            .reading("currentreq"),
        Hook.of(
            PACKAGE + "MultiExchange",
            "canRetryRequest",
            "(Ljava/net/http/HttpRequest;)Z",
            Retry.class),
        Hook.of(
                PACKAGE + "ConnectionPool",
                "cleanup",
                "(" + CONNECTION + "JLjava/lang/Throwable;)V",
                ClosedByPeer.class)
            .or("(" + CONNECTION + "Ljava/lang/Throwable;)V", ClosedByPeer.class),
        Hook.of(PACKAGE + "common.SSLFlowDelegate", "setALPN", "()V", Secured.class)
            .reading("engine", "alpnCF"),
        Hook.of(PACKAGE + "PlainHttpConnection", "close", "()V", Closed.class),
        Hook.of(PACKAGE + "AsyncSSLConnection", "close", "()V", Closed.class));
  }

  /** The pool drops a connection that is not open when it meets it; until then it is an entry. */
  @Override
  public void close(Object connection) throws IOException {
    ((Closeable) connection).close();
  }

  /** Takes a connection out of the pool, or makes one; runs again after a refusal. */
  public static final class Lease {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(@Advice.Argument(2) HttpRequest request) {
      KeepaliveHooks.leasing(request);
    }

    @Advice.OnMethodExit(
        repeatOn = Advice.OnNonDefaultValue.class,
        onThrowable = Throwable.class,
        suppress = Throwable.class)
    public static boolean exit(
        @Advice.Argument(0) InetSocketAddress address,
        @Advice.Argument(2) HttpRequest request,
        @Advice.Return Object connection)
        throws IOException {
      if (connection != null) {
        KeepaliveHooks.opened(
            connection,
            "java-http-client",
            request.uri().getScheme(),
            address.getHostString(),
            address.getPort());
        if (!KeepaliveHooks.mayLease(connection, request.method())) {
          ((Closeable) connection).close();
          return true;
        }
      }
      KeepaliveHooks.leased();
      return false;
    }
  }

  /** Looks into the pool; answers "nothing there" to a request that needs a fresh connection. */
  public static final class Lookup {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static boolean enter() {
      return !KeepaliveHooks.mayReuse();
    }
  }

  /** Takes a connection back; without headers it closes it instead. */
  public static final class Park {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This Object connection,
        @Advice.Argument(value = 0, readOnly = false) HttpHeaders headers) {
      if (headers != null && !KeepaliveHooks.mayPark(connection)) {
        headers = null;
      }
    }
  }

  /** Writes the request head. */
  public static final class Sending {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.FieldValue("connection") Object connection,
        @Advice.FieldValue("request") HttpRequest request,
        @Advice.FieldValue("userHeaders") HttpHeaders headers) {
      KeepaliveHooks.sending(
          connection,
          request,
          request.method(),
          headers.firstValue("traceparent").orElse(headers.firstValue("b3").orElse(null)),
          headers.firstValue("Idempotency-Key").isPresent());
    }
  }

  /** Writes one set of headers through a filter. A WebSocket's handshake is left as it is. */
  public static final class Headers {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    @SuppressWarnings("unchecked")
    public static void enter(
        @Advice.FieldValue("connection") Object connection,
        @Advice.Argument(1) HttpHeaders headers,
        @Advice.Argument(value = 2, readOnly = false) BiPredicate<String, String> filter) {
      if (!"websocket".equalsIgnoreCase(headers.firstValue("Upgrade").orElse(null))) {
        filter =
            (BiPredicate<String, String>)
                KeepaliveHeaderFilter.of(
                    connection, headers.firstValue("Connection").orElse(null), filter);
      }
    }
  }

  /** A response head has been read. The client does not tell HTTP/1.0 from 1.1. */
  public static final class Responding {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.Argument(2) HttpHeaders headers,
        @Advice.Argument(3) Object connection,
        @Advice.Argument(4) int status,
        @Advice.Argument(5) HttpClient.Version version,
        @Advice.Argument(6) boolean toConnect) {
      if (connection != null
          && status >= 200
          && !toConnect
          && version == HttpClient.Version.HTTP_1_1) {
        List<String> said = headers.allValues("Connection");
        KeepaliveHooks.responding(
            connection,
            status,
            false,
            said.isEmpty() ? null : said.size() == 1 ? said.get(0) : String.join(",", said),
            headers.firstValue("Keep-Alive").orElse(null));
      }
    }
  }

  /** An attempt has failed; what follows decides whether there will be another. */
  public static final class Failed {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.FieldValue("currentreq") HttpRequest request, @Advice.Argument(0) Throwable cause) {
      KeepaliveHooks.failed(request, cause);
    }
  }

  /**
   * Whether a request may be tried again. Asked only before the first byte of a response. A body
   * can be sent again if the client's own publishers made it, but for that of a stream.
   */
  public static final class Retry {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.Argument(0) HttpRequest request,
        @Advice.Return(readOnly = false) boolean mayRetry) {
      HttpRequest.BodyPublisher body = request.bodyPublisher().orElse(null);
      String publisher = body == null ? "" : body.getClass().getName();
      boolean replayable =
          body == null
              || (publisher.startsWith("jdk.internal.net.http.RequestPublishers$")
                  && !publisher.endsWith("InputStreamPublisher")
                  && !publisher.endsWith("IterablePublisher")
                  && !publisher.endsWith("PublisherAdapter"));
      mayRetry = KeepaliveHooks.mayRetry(request, replayable, mayRetry);
    }
  }

  /** A TLS handshake is over; the method returns at once when it is called again. */
  public static final class Secured {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.FieldValue("engine") SSLEngine engine,
        @Advice.FieldValue("alpnCF") CompletableFuture<?> said) {
      if (!said.isDone() && engine.getPeerHost() != null) {
        KeepaliveHooks.secured(engine.getPeerHost(), engine.getPeerPort(), engine.getSession());
      }
    }
  }

  /** Something happened on a connection in the pool: the peer closed it, or sent stray bytes. */
  public static final class ClosedByPeer {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(@Advice.Argument(0) Object connection) {
      KeepaliveHooks.closed(connection, true);
    }
  }

  /** This side closes a connection. */
  public static final class Closed {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(@Advice.This Object connection) {
      KeepaliveHooks.closed(connection, false);
    }
  }
}
