package org.keepaliveagent.okhttp;

import java.io.Closeable;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.adapter.Hook;

/**
 * OkHttp 3, 4 and 5; its advice is in {@link OkHttpPoolAdvice} and {@link OkHttpRequestAdvice}.
 *
 * <p>A connection is the library's {@code RealConnection}. An exchange is what searches for one,
 * and stays the same when the request is tried again: a {@code StreamAllocation} (3.12), a {@code
 * Transmitter} (3.14) or the call itself (4, 5). Where a place has several forms, they are in the
 * order of the versions.
 */
public final class OkHttpAdapter implements Adapter {
  private static final String CONNECTION = "internal/connection/RealConnection";
  private static final String ALLOCATION = "internal/connection/StreamAllocation";
  private static final String TRANSMITTER = "internal/connection/Transmitter";
  private static final String REAL_CALL = "internal/connection/RealCall";
  private static final String EXCHANGE = "internal/connection/Exchange";
  private static final String POOL = "internal/connection/RealConnectionPool";
  private static final String POOL_OF_3_12 = "ConnectionPool";
  private static final String CODEC_OF_3_12 = "internal/http/HttpCodec";
  private static final String CODEC = "internal/http/ExchangeCodec";
  private static final String RETRY = "internal/http/RetryAndFollowUpInterceptor";
  private static final String REAL_CHAIN = "internal/http/RealInterceptorChain";
  private static final String CHAIN = "Interceptor$Chain";
  private static final String CLIENT = "OkHttpClient";
  private static final String REQUEST = "Request";
  private static final String RESPONSE = "Response";
  private static final String ADDRESS = "Address";
  private static final String CAUSE = "java/io/IOException";
  private static final String LIST = "java/util/List";
  private static final String STRING = "java/lang/String";

  @Override
  public String name() {
    return "okhttp";
  }

  @Override
  public String versions() {
    return "3.12.13 to 5.5.1";
  }

  @Override
  public List<String> packages() {
    return Arrays.asList("okhttp3.", "okio.");
  }

  @Override
  public List<Hook> hooks() {
    return Arrays.asList(
        searching(),
        lookup(),
        lease(),
        park(),
        opened(),
        attempt(),
        headLine(),
        again(),
        retry(),
        repeat());
  }

  private static Hook searching() {
    Class<?> advice = OkHttpPoolAdvice.Searching.class;
    return hook(advice, ALLOCATION, "newStream", CODEC_OF_3_12, CLIENT, CHAIN, "Z")
        .or(hook(advice, TRANSMITTER, "newExchange", EXCHANGE, CHAIN, "Z"))
        .or(hook(advice, REAL_CALL, "initExchange$okhttp", EXCHANGE, REAL_CHAIN));
  }

  private static Hook lookup() {
    Class<?> advice = OkHttpPoolAdvice.Lookup.class;
    String name = "callAcquirePooledConnection";
    String user = "internal/connection/ConnectionUser";
    return hook(advice, POOL_OF_3_12, "get", CONNECTION, ADDRESS, ALLOCATION, "Route")
        .or(
            hook(
                advice,
                POOL,
                "transmitterAcquirePooledConnection",
                "Z",
                ADDRESS,
                TRANSMITTER,
                LIST,
                "Z"))
        .or(hook(advice, POOL, name, "Z", ADDRESS, REAL_CALL, LIST, "Z"))
        .or(hook(advice, POOL, name, CONNECTION, "Z", ADDRESS, user, LIST, "Z"))
        .or(hook(advice, POOL, name + "$okhttp", CONNECTION, "Z", ADDRESS, REAL_CALL, LIST, "Z"));
  }

  private static Hook lease() {
    return hook(OkHttpPoolAdvice.Lease.class, CONNECTION, "isHealthy", "Z", "Z")
        .reading("rawSocket", "successCount");
  }

  private static Hook park() {
    Class<?> advice = OkHttpPoolAdvice.Park.class;
    return hook(advice, POOL_OF_3_12, "connectionBecameIdle", "Z", CONNECTION)
        .or(hook(advice, POOL, "connectionBecameIdle", "Z", CONNECTION))
        .reading("connections");
  }

  private static Hook opened() {
    Class<?> advice = OkHttpPoolAdvice.Opened.class;
    return hook(advice, CONNECTION, "newCodec", CODEC_OF_3_12, CLIENT, CHAIN, ALLOCATION)
        .or(hook(advice, CONNECTION, "newCodec", CODEC, CLIENT, CHAIN))
        .or(hook(advice, CONNECTION, "newCodec$okhttp", CODEC, CLIENT, REAL_CHAIN))
        .reading("rawSocket", "successCount");
  }

  private static Hook attempt() {
    Class<?> advice = OkHttpRequestAdvice.Attempt.class;
    return hook(
            advice, REAL_CHAIN, "proceed", RESPONSE, REQUEST, ALLOCATION, CODEC_OF_3_12, CONNECTION)
        .or(hook(advice, REAL_CHAIN, "proceed", RESPONSE, REQUEST, TRANSMITTER, EXCHANGE))
        .or(hook(advice, REAL_CHAIN, "proceed", RESPONSE, REQUEST))
        .reading("interceptors", "index");
  }

  private static Hook headLine() {
    Class<?> advice = OkHttpRequestAdvice.HeadLine.class;
    return hook(advice, "internal/http1/Http1Codec", "readHeaderLine", STRING)
        .or(hook(advice, "internal/http1/Http1ExchangeCodec", "readHeaderLine", STRING))
        .or(hook(advice, "internal/http1/HeadersReader", "readLine", STRING))
        .reading("source", "headerLimit");
  }

  private static Hook again() {
    return hook(OkHttpRequestAdvice.Again.class, RETRY, "intercept", RESPONSE, CHAIN);
  }

  private static Hook retry() {
    Class<?> advice = OkHttpRequestAdvice.Retry.class;
    return hook(advice, RETRY, "recover", "Z", CAUSE, ALLOCATION, "Z", REQUEST)
        .or(hook(advice, RETRY, "recover", "Z", CAUSE, TRANSMITTER, "Z", REQUEST))
        .or(hook(advice, RETRY, "recover", "Z", CAUSE, REAL_CALL, REQUEST, "Z"))
        .or(hook(advice, RETRY, "recover", "Z", CAUSE, REAL_CALL, REQUEST))
        .or(hook(advice, RETRY, "recover", "Z", CAUSE, REAL_CALL, CHAIN, REQUEST));
  }

  private static Hook repeat() {
    Class<?> advice = OkHttpRequestAdvice.Repeat.class;
    return hook(advice, RETRY, "followUpRequest", REQUEST, RESPONSE, "Route")
        .or(hook(advice, RETRY, "followUpRequest", REQUEST, RESPONSE, EXCHANGE))
        .or(hook(advice, RETRY, "followUpRequest", REQUEST, RESPONSE, EXCHANGE, CHAIN));
  }

  /** States a method of a class of the library's. */
  private static Hook hook(
      Class<?> advice, String in, String method, String result, String... parameters) {
    StringBuilder descriptor = new StringBuilder("(");
    for (String parameter : parameters) {
      descriptor.append(type(parameter));
    }
    String name = "okhttp3." + in.replace('/', '.');
    return Hook.of(name, method, descriptor.append(')').append(type(result)).toString(), advice);
  }

  private static String type(String name) {
    return name.equals("Z")
        ? name
        : name.startsWith("java/") ? "L" + name + ";" : "Lokhttp3/" + name + ";";
  }

  /**
   * Offers it to its pool once more, whose books are right again when it refuses; under the locks
   * that the pool asks for, its own in version 3 and the connection's since.
   */
  @Override
  public void close(Object connection) throws ReflectiveOperationException, IOException {
    Field field = connection.getClass().getDeclaredField("connectionPool");
    field.setAccessible(true);
    Object pool = field.get(connection);
    Method becameIdle =
        pool.getClass().getDeclaredMethod("connectionBecameIdle", connection.getClass());
    becameIdle.setAccessible(true);
    synchronized (pool) {
      synchronized (connection) {
        becameIdle.invoke(pool, connection);
      }
    }
    ((Closeable) connection.getClass().getMethod("socket").invoke(connection)).close();
  }
}
