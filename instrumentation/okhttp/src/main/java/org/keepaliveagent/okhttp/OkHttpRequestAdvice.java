package org.keepaliveagent.okhttp;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.internal.connection.Exchange;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.hooks.KeepaliveFailure;
import org.keepaliveagent.hooks.KeepaliveHooks;

/**
 * The advice of {@link OkHttpAdapter} on what happens to requests, one class for each place.
 *
 * <p>Compiled against version 3.14: whatever of the library it uses is there in all versions, or is
 * reached in 3.14 only. A connection that does not speak HTTP/1.1 is left alone everywhere.
 */
public final class OkHttpRequestAdvice {
  private OkHttpRequestAdvice() {}

  /**
   * Runs the next interceptor; the last sends the request and receives the head of its response. A
   * WebSocket's handshake keeps its headers.
   */
  public static final class Attempt {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static @Nullable Connection enter(
        @Advice.This Interceptor.Chain chain,
        @Advice.FieldValue("interceptors") List<?> interceptors,
        @Advice.FieldValue("index") int index,
        @Advice.Argument(value = 0, readOnly = false) Request request,
        @Advice.Argument(value = 1, optional = true) @Nullable Object searching,
        @Advice.Argument(value = 2, optional = true) Object exchange,
        @Advice.Argument(value = 3, optional = true) @Nullable Object leased) {
      if (index != interceptors.size() - 1) {
        return null;
      }
      Connection connection =
          searching == null
              ? chain.connection()
              : leased == null ? ((Exchange) exchange).connection() : (Connection) leased;
      if (connection == null || connection.protocol() != Protocol.HTTP_1_1) {
        return null;
      }
      String traceparent = request.header("traceparent");
      if (traceparent == null) {
        traceparent = request.header("b3");
      }
      String traceId = traceparent == null ? request.header("X-B3-TraceId") : null;
      if (traceId != null) {
        traceparent =
            KeepaliveHooks.b3(
                traceId,
                request.header("X-B3-SpanId"),
                request.header("X-B3-Sampled"),
                request.header("X-B3-Flags"));
      }
      KeepaliveHooks.sending(
          connection,
          searching == null ? chain.call() : searching,
          request.method(),
          traceparent,
          request.header("Idempotency-Key") != null);
      if (!KeepaliveHooks.maySendAll(connection)
          && !"websocket".equalsIgnoreCase(request.header("Upgrade"))) {
        Headers headers = request.headers();
        String nominated = request.header("Connection");
        Request.Builder kept = request.newBuilder();
        for (int i = 0; i < headers.size(); i++) {
          if (!KeepaliveHooks.maySend(connection, headers.name(i), headers.value(i), nominated)) {
            kept.removeHeader(headers.name(i));
          }
        }
        String[] set = KeepaliveHooks.headersToSet(connection);
        for (int i = 0; set != null && i < set.length; i += 2) {
          kept.header(set[i], set[i + 1]);
        }
        request = kept.build();
      }
      return connection;
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit(
        @Advice.This Interceptor.Chain chain,
        @Advice.Enter @Nullable Connection connection,
        @Advice.Argument(value = 1, optional = true) @Nullable Object searching,
        @Advice.Return Response response,
        @Advice.Thrown Throwable cause) {
      if (connection == null) {
        return;
      }
      if (cause != null) {
        if (cause instanceof ProtocolException || KeepaliveFailure.hasBegun(cause)) {
          KeepaliveHooks.responseBegun(connection);
        }
        KeepaliveHooks.failed(searching == null ? chain.call() : searching, cause);
        return;
      }
      List<String> said = response.headers("Connection");
      KeepaliveHooks.responding(
          connection,
          response.code(),
          response.protocol() == Protocol.HTTP_1_0,
          said.isEmpty() ? null : said.size() == 1 ? said.get(0) : String.join(",", said),
          response.header("Keep-Alive"));
    }
  }

  /**
   * Reads a line of a response head. When that fails, a response had begun if a line has been read
   * before, which the limit for all of a head tells, or a part of this one.
   */
  public static final class HeadLine {
    @SuppressWarnings("deprecation") // its successor is not there in all versions
    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit(
        @Advice.FieldValue("source") BufferedSource source,
        @Advice.FieldValue("headerLimit") long limit,
        @Advice.Thrown Throwable cause) {
      if (cause != null && (limit < 256 * 1024 || source.buffer().size() > 0)) {
        KeepaliveFailure.begun(cause);
      }
    }
  }

  /**
   * Whether a failed request goes once more. Where the library has no way of its own to, because it
   * has given up the route or never repeats after a time-out, {@link Again} asks instead; it can if
   * the exchange is the call, and the request its first.
   */
  public static final class Retry {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.Argument(0) IOException cause,
        @Advice.Argument(1) Object exchange,
        @Advice.Argument(value = 2, typing = Assigner.Typing.DYNAMIC) Object third,
        @Advice.Argument(value = 3, optional = true, typing = Assigner.Typing.DYNAMIC)
            @Nullable Object fourth,
        @Advice.Return(readOnly = false) boolean again) {
      if (!again && exchange instanceof Call) {
        Request first = ((Call) exchange).request();
        RequestBody body = first.body();
        if ((third == first || fourth == first)
            && (body == null || !body.isOneShot())
            && !(cause instanceof ProtocolException)
            && (cause instanceof SocketTimeoutException
                || !(cause instanceof InterruptedIOException))) {
          return;
        }
      }
      again = KeepaliveHooks.mayRetry(exchange, again, again);
    }
  }

  /** Sends a call's request, and again when it may; connecting has its time-out. */
  public static final class Again {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.Argument(value = 0, readOnly = false) Interceptor.Chain chain) {
      HttpUrl url = chain.request().url();
      int own = chain.connectTimeoutMillis();
      int connect = KeepaliveHooks.connectTimeoutMillis(url.scheme(), url.host(), url.port(), own);
      if (connect != own) {
        chain = chain.withConnectTimeout(connect, TimeUnit.MILLISECONDS);
      }
    }

    @Advice.OnMethodExit(
        onThrowable = Throwable.class,
        repeatOn = Advice.OnNonDefaultValue.class,
        suppress = Throwable.class)
    public static boolean exit(
        @Advice.Argument(0) Interceptor.Chain chain, @Advice.Thrown Throwable cause) {
      if (cause instanceof ConnectException
          || cause instanceof UnknownHostException
          || cause instanceof SSLException) {
        Request request = chain.request();
        HttpUrl url = request.url();
        String traceparent = request.header("traceparent");
        KeepaliveHooks.unreached(
            chain.call(),
            "okhttp",
            url.scheme(),
            url.host(),
            url.port(),
            request.method(),
            traceparent == null ? request.header("b3") : traceparent,
            cause);
      }
      return cause instanceof IOException
          && !chain.call().isCanceled()
          && KeepaliveHooks.mayRetry(chain.call(), true, false);
    }
  }

  /** Whether an answered request goes once more; redirects and challenges are the library's own. */
  public static final class Repeat {
    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.Argument(0) Response response,
        @Advice.Return(readOnly = false) @Nullable Request next) {
      int status = response.code();
      if (status < 400
          || status == 401
          || status == 407
          || status == 421
          || response.protocol() == Protocol.HTTP_2
          || response.protocol() == Protocol.H2_PRIOR_KNOWLEDGE) {
        return;
      }
      Request request = response.request();
      RequestBody body = request.body();
      if (next == null && body != null && body.isOneShot()) {
        return;
      }
      int attempts = 1;
      for (Response r = response.priorResponse(); r != null; r = r.priorResponse()) {
        attempts++;
      }
      HttpUrl url = request.url();
      boolean again =
          KeepaliveHooks.mayRepeat(
              url.scheme(),
              url.host(),
              url.port(),
              request.method(),
              request.header("Idempotency-Key") != null,
              status,
              attempts,
              next != null);
      next = again ? (next == null ? request : next) : null;
    }
  }
}
