package org.keepaliveagent.javahttpclient;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URL;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLEngine;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner.Typing;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.adapter.Hook;
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
  private static final String HEADERS = "Ljava/net/http/HttpHeaders;";
  private static final String ADDRESS = "Ljava/net/InetSocketAddress;";
  private static final String FUTURE = "Ljava/util/concurrent/CompletableFuture;";
  private static final String VERSION = "Ljava/net/http/HttpClient$Version;";

  @Override
  public String name() {
    return "java-http-client";
  }

  @Override
  public String versions() {
    return "JDK 11 to 26";
  }

  @Override
  public List<Hook> hooks() {
    String head = "Ljava/lang/StringBuilder;";
    String request = "L#HttpRequestImpl;" + VERSION + ")L#HttpConnection;";
    String client = "(" + ADDRESS + "L#HttpClientImpl;";
    String response =
        "(L#HttpRequestImpl;L#Exchange;" + HEADERS + "L#HttpConnection;I" + VERSION + "Z)V";
    String failed = "Ljava/lang/Throwable;";
    return Arrays.asList(
        hook("HttpConnection", "getConnection", client + request, Lease.class)
            .or(inner(client + "L#Exchange;" + request), Lease.class),
        hook(
            "ConnectionPool",
            "getConnection",
            "(Z" + ADDRESS + ADDRESS + ")L#HttpConnection;",
            Lookup.class),
        hook("HttpConnection", "closeOrReturnToCache", "(" + HEADERS + ")V", Park.class)
            .reading("client"),
        hook("Exchange", "remainingConnectTimeout", "()Ljava/util/Optional;", Connecting.class)
            .reading("request"),
        hook("PlainHttpConnection", "connectAsync", "(L#Exchange;)" + FUTURE, Connected.class)
            .reading("chan"),
        hook("Http1Request", "collectHeaders0", "(" + head + ")V", JavaHttpExchange.Sending.class)
            .reading("connection", "request", "userHeaders"),
        hook(
            "Http1Request",
            "collectHeaders1",
            "(" + head + HEADERS + "Ljava/util/function/BiPredicate;)V",
            JavaHttpExchange.Headers.class),
        hook(
            "Http1Request",
            "collectCookies",
            "(" + head + HEADERS + HEADERS + ")V",
            JavaHttpExchange.LastHeaders.class),
        hook(
                "Http1Response",
                "readHeadersAsync",
                "(Ljava/util/concurrent/Executor;)" + FUTURE,
                JavaHttpExchange.Reading.class)
            .reading("connection"),
        hook(
                "Http1HeaderParser",
                "parse",
                "(Ljava/nio/ByteBuffer;)Z",
                JavaHttpExchange.Parsed.class)
            .reading("statusLine", "headers"),
        hook("Response", "<init>", response, JavaHttpExchange.Responding.class),
        hook(
                "MultiExchange",
                "getExceptionalCF",
                "(" + failed + "L#ExchangeImpl;)" + FUTURE,
                JavaHttpExchange.Failed.class)
            .or("(" + failed + ")" + FUTURE, JavaHttpExchange.Failed.class)
            .or(
                hook(
                    "MultiExchange",
                    "checkRetryEligible",
                    "(" + failed + "L#Exchange;)L#MultiExchange$RetryContext;",
                    JavaHttpExchange.Failed.class))
            .reading("currentreq", "previousreq", "cancelled", "attempts"),
        hook("ConnectionPool", "cleanup", "(L#HttpConnection;J" + failed + ")V", ClosedByPeer.class)
            .or(inner("(L#HttpConnection;" + failed + ")V"), ClosedByPeer.class),
        hook("common.SSLFlowDelegate", "setALPN", "()V", Secured.class).reading("engine", "alpnCF"),
        hook("PlainHttpConnection", "close", "()V", Closed.class),
        hook("AsyncSSLConnection", "close", "()V", Closed.class),
        // From JDK 21 on a failure closes by this one, and by the other what did not fail.
        hook("PlainHttpConnection", "close", "(" + failed + ")V", Closed.class)
            .or("()V", Closed.class),
        hook("AsyncSSLConnection", "close", "(" + failed + ")V", Closed.class)
            .or("()V", Closed.class));
  }

  private static Hook hook(String type, String method, String descriptor, Class<?> advice) {
    return Hook.of(PACKAGE + type, method, inner(descriptor), advice);
  }

  /** A descriptor in which # stands for the client's package. */
  private static String inner(String descriptor) {
    return descriptor.replace("#", "jdk/internal/net/http/");
  }

  /** The pool drops a connection that is not open when it meets it; until then it is an entry. */
  @Override
  public void close(Object connection) throws IOException {
    ((Closeable) connection).close();
  }

  /**
   * Takes a connection out of the pool, or makes one; runs again after a refusal. Of a new one
   * nobody is asked: were it refused, the next would be new too.
   */
  public static final class Lease {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.Argument(value = 2, typing = Typing.DYNAMIC) Object third,
        @Advice.Argument(value = 3, typing = Typing.DYNAMIC) Object fourth) {
      // From JDK 26 on the request is the fourth.
      KeepaliveHooks.leasing(third instanceof HttpRequest ? third : fourth);
    }

    @Advice.OnMethodExit(
        repeatOn = Advice.OnNonDefaultValue.class,
        onThrowable = Throwable.class,
        suppress = Throwable.class)
    public static boolean exit(
        @Advice.Argument(0) InetSocketAddress address,
        @Advice.Argument(value = 2, typing = Typing.DYNAMIC) Object third,
        @Advice.Argument(value = 3, typing = Typing.DYNAMIC) Object fourth,
        @Advice.Return Object connection)
        throws IOException {
      HttpRequest request = (HttpRequest) (third instanceof HttpRequest ? third : fourth);
      Object found = KeepaliveHooks.read();
      KeepaliveHooks.reading(null);
      if (connection != null) {
        KeepaliveHooks.opened(
            connection,
            "java-http-client",
            request.uri().getScheme(),
            address.getHostString(),
            address.getPort());
        if (connection == found && !KeepaliveHooks.mayLease(connection, request.method())) {
          ((Closeable) connection).close();
          return true;
        }
      }
      KeepaliveHooks.leased();
      return false;
    }
  }

  /**
   * Looks into the pool; answers "nothing there" to a request that needs a fresh connection. Of
   * what it finds the library reads, to see whether it is open, before {@link Lease} knows of it.
   */
  public static final class Lookup {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static boolean enter() {
      return !KeepaliveHooks.mayReuse();
    }

    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(@Advice.Return Object connection) {
      KeepaliveHooks.reading(connection);
    }
  }

  /** How long a connect may take; asked before each. */
  public static final class Connecting {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.FieldValue("request") HttpRequest request,
        @Advice.Return(readOnly = false) Optional<Duration> timeout)
        throws IOException {
      URL url = request.uri().toURL();
      long own = timeout.isPresent() ? timeout.get().toMillis() : 0;
      int otherwise = (int) Math.min(own, Integer.MAX_VALUE);
      int port = url.getPort() < 0 ? url.getDefaultPort() : url.getPort();
      int millis =
          KeepaliveHooks.connectTimeoutMillis(url.getProtocol(), url.getHost(), port, otherwise);
      if (millis != otherwise) {
        timeout = Optional.of(Duration.ofMillis(millis));
      }
    }
  }

  /**
   * A channel of a new connection is connected, or will be soon: it does not know for what scheme.
   */
  public static final class Connected {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.FieldValue("chan") Object channel,
        @Advice.FieldValue("address") InetSocketAddress address) {
      KeepaliveHooks.connected(channel, null, address.getHostString(), address.getPort());
    }
  }

  /** Takes a connection back into its client's pool; without headers it closes it instead. */
  public static final class Park {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This Object connection,
        @Advice.FieldValue("client") Object client,
        @Advice.Argument(value = 0, readOnly = false) HttpHeaders headers) {
      if (headers != null && !KeepaliveHooks.mayPark(connection, client)) {
        headers = null;
      }
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
