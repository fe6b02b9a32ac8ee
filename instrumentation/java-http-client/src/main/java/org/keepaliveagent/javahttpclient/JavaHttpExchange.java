package org.keepaliveagent.javahttpclient;

import java.io.Closeable;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpTimeoutException;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiPredicate;
import javax.net.ssl.SSLException;
import jdk.internal.net.http.common.ConnectionExpiredException;
import jdk.internal.net.http.common.Utils;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner.Typing;
import org.keepaliveagent.hooks.KeepaliveDeadline;
import org.keepaliveagent.hooks.KeepaliveHeaderFilter;
import org.keepaliveagent.hooks.KeepaliveHooks;

/**
 * What happens to one exchange of the JDK's client on HTTP/1.1: its head is written, its response
 * read, its failure judged. The advice of {@link JavaHttpClientAdapter} for it.
 */
public final class JavaHttpExchange {
  private JavaHttpExchange() {}

  /** Writes the request head. */
  public static final class Sending {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.FieldValue("connection") Object connection,
        @Advice.FieldValue("request") HttpRequest request,
        @Advice.FieldValue("userHeaders") HttpHeaders headers) {
      String traceparent =
          headers.firstValue("traceparent").orElse(headers.firstValue("b3").orElse(null));
      String traceId = traceparent == null ? headers.firstValue("X-B3-TraceId").orElse(null) : null;
      if (traceId != null) {
        traceparent =
            KeepaliveHooks.b3(
                traceId,
                headers.firstValue("X-B3-SpanId").orElse(null),
                headers.firstValue("X-B3-Sampled").orElse(null),
                headers.firstValue("X-B3-Flags").orElse(null));
      }
      KeepaliveHooks.sending(
          connection,
          request,
          request.method(),
          traceparent,
          headers.firstValue("Idempotency-Key").isPresent());
    }
  }

  /** Writes one set of headers through a filter. A WebSocket's handshake is left as it is. */
  public static final class Headers {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    @SuppressWarnings("unchecked")
    public static void enter(
        @Advice.FieldValue("connection") Object connection,
        @Advice.Argument(0) StringBuilder head,
        @Advice.Argument(1) HttpHeaders headers,
        @Advice.Argument(value = 2, readOnly = false) BiPredicate<String, String> filter) {
      if (!"websocket".equalsIgnoreCase(headers.firstValue("Upgrade").orElse(null))
          && head.indexOf("\r\nUpgrade: websocket\r\n") < 0) {
        filter =
            (BiPredicate<String, String>)
                KeepaliveHeaderFilter.of(
                    connection, headers.firstValue("Connection").orElse(null), filter);
      }
    }
  }

  /**
   * Ends the head with its cookies, which no filter sees; before them come the policy's headers.
   */
  public static final class LastHeaders {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static boolean enter(
        @Advice.FieldValue("connection") Object connection,
        @Advice.Argument(0) StringBuilder head) {
      if (KeepaliveHooks.maySendAll(connection)
          || head.indexOf("\r\nUpgrade: websocket\r\n") >= 0) {
        return false;
      }
      String[] set = KeepaliveHooks.headersToSet(connection);
      for (int i = 0; set != null && i < set.length; i += 2) {
        head.append(set[i]).append(": ").append(set[i + 1]).append("\r\n");
      }
      return !KeepaliveHooks.maySend(connection, "Cookie", null, null);
    }
  }

  /** A request has been sent; what it answers will be the response. */
  public static final class Reading {
    @SuppressWarnings("FutureReturnValueIgnored") // the action is the last one
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.FieldValue("connection") Object connection,
        @Advice.Return CompletableFuture<?> response) {
      int millis = KeepaliveHooks.readTimeoutMillis(connection, 0);
      if (millis > 0) {
        KeepaliveDeadline deadline = new KeepaliveDeadline((Closeable) connection);
        response.orTimeout(millis, TimeUnit.MILLISECONDS).whenComplete(deadline);
      }
    }
  }

  /**
   * A response head has been parsed. The client forgets whether it was one of HTTP/1.0; so the head
   * says it itself, by a name that cannot be a header's, until {@link Responding} takes it out.
   */
  public static final class Parsed {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.FieldValue("statusLine") String line,
        @Advice.FieldValue(value = "headers", readOnly = false) HttpHeaders headers,
        @Advice.Return boolean complete) {
      if (complete && line.startsWith("HTTP/1.0") && KeepaliveHooks.engine() != null) {
        Map<String, List<String>> marked = new HashMap<>(headers.map());
        marked.put("HTTP/1.0", Collections.singletonList(line));
        headers = HttpHeaders.of(marked, Utils.ACCEPT_ALL);
      }
    }
  }

  /** A response head has been read. */
  public static final class Responding {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.Argument(value = 2, readOnly = false) HttpHeaders headers,
        @Advice.Argument(3) Object connection,
        @Advice.Argument(4) int status,
        @Advice.Argument(5) HttpClient.Version version,
        @Advice.Argument(6) boolean toConnect) {
      boolean http10 = headers.map().containsKey("HTTP/1.0");
      if (http10) {
        Map<String, List<String>> clean = new HashMap<>(headers.map());
        clean.remove("HTTP/1.0");
        headers = HttpHeaders.of(clean, Utils.ACCEPT_ALL);
      }
      if (connection != null
          && status >= 200
          && !toConnect
          && version == HttpClient.Version.HTTP_1_1) {
        List<String> said = headers.allValues("Connection");
        KeepaliveHooks.responding(
            connection,
            status,
            http10,
            said.isEmpty() ? null : said.size() == 1 ? said.get(0) : String.join(",", said),
            headers.firstValue("Keep-Alive").orElse(null));
      }
    }
  }

  /**
   * An attempt has failed; no answer means another. From JDK 26 on there is a verdict in its place,
   * a record of the failure, whether there is another attempt, the counter of them, and whether the
   * time to connect begins anew; only its host's code may make one. The client makes one more for
   * some methods, if no byte of a response came. A body can be sent again if the client's own
   * publishers made it, but for that of a stream.
   */
  public static final class Failed {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.FieldValue("currentreq") HttpRequest request,
        @Advice.Argument(value = 0, readOnly = false) Throwable cause) {
      if (cause instanceof CompletionException && cause.getCause() != null) {
        cause = cause.getCause();
      }
      if (cause instanceof TimeoutException) {
        cause = new HttpTimeoutException("request timed out");
      }
      KeepaliveHooks.failed(request, cause);
      if (cause instanceof ConnectException
          || cause instanceof HttpConnectTimeoutException
          || cause instanceof SSLException) {
        URI uri = request.uri();
        HttpHeaders headers = request.headers();
        int port = uri.getPort() >= 0 ? uri.getPort() : uri.getScheme().equals("https") ? 443 : 80;
        KeepaliveHooks.unreached(
            request,
            "java-http-client",
            uri.getScheme(),
            uri.getHost(),
            port,
            request.method(),
            headers.firstValue("traceparent").orElse(headers.firstValue("b3").orElse(null)),
            cause);
      }
    }

    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.FieldValue("currentreq") HttpRequest request,
        @Advice.FieldValue("cancelled") boolean cancelled,
        @Advice.FieldValue("attempts") AtomicInteger attempts,
        @Advice.FieldValue(value = "previousreq", readOnly = false, typing = Typing.DYNAMIC)
            Object previous,
        @Advice.Argument(0) Throwable cause,
        @Advice.Return(readOnly = false, typing = Typing.DYNAMIC) Object answer)
        throws ReflectiveOperationException {
      if (!cancelled
          && (cause instanceof ConnectionExpiredException
              || cause instanceof HttpTimeoutException)) {
        HttpRequest.BodyPublisher body = request.bodyPublisher().orElse(null);
        String publisher = body == null ? "" : body.getClass().getName();
        boolean replayable =
            body == null
                || (publisher.startsWith("jdk.internal.net.http.RequestPublishers$")
                    && !publisher.endsWith("InputStreamPublisher")
                    && !publisher.endsWith("IterablePublisher")
                    && !publisher.endsWith("PublisherAdapter"));
        if (answer == null || answer instanceof CompletableFuture) {
          if (KeepaliveHooks.mayRetry(request, replayable, answer == null)) {
            previous = request;
            answer = null;
          } else if (answer == null) {
            answer = CompletableFuture.failedFuture(cause.getCause());
          }
        } else {
          Class<?> verdict = answer.getClass();
          Object failure = verdict.getMethod("requestFailureCause").invoke(answer);
          boolean otherwise = (Boolean) verdict.getMethod("shouldRetry").invoke(answer);
          boolean again = KeepaliveHooks.mayRetry(request, replayable, otherwise);
          if (again != otherwise) {
            answer =
                verdict.getDeclaredConstructors()[0].newInstance(failure, again, attempts, again);
          }
        }
      }
    }
  }
}
