package org.keepaliveagent.hooks;

import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * What stands behind {@link KeepaliveHooks}: the same calls, answered by the policy.
 *
 * <p>Its methods may throw; the facade contains that. They run on the application's threads, often
 * under a lock of the library's pool, so they neither block, lock, log nor call the library back.
 */
public interface KeepaliveEngine {
  /** See {@link KeepaliveHooks#opened}. */
  void opened(Object connection, String library, String scheme, String host, int port);

  /** See {@link KeepaliveHooks#mayReuse(Object)}. */
  boolean mayReuse(Object exchange);

  /** See {@link KeepaliveHooks#mayLease(Object, String)}. */
  boolean mayLease(Object connection, @Nullable String method);

  /** See {@link KeepaliveHooks#sending}. */
  void sending(
      Object connection,
      Object exchange,
      String method,
      @Nullable String traceparent,
      boolean idempotencyKey);

  /** See {@link KeepaliveHooks#responseBegun}. */
  void responseBegun(Object connection);

  /** See {@link KeepaliveHooks#responding}. */
  void responding(
      Object connection,
      int status,
      boolean http10,
      @Nullable String connectionHeader,
      @Nullable String keepAliveHeader);

  /** See {@link KeepaliveHooks#mayPark(Object, Object)}. */
  boolean mayPark(Object connection, @Nullable Object pool);

  /** See {@link KeepaliveHooks#mayRead}. */
  boolean mayRead(Object connection);

  /** See {@link KeepaliveHooks#maySendAll}. */
  boolean maySendAll(Object connection);

  /** See {@link KeepaliveHooks#maySend}. */
  boolean maySend(
      Object connection, String name, @Nullable String value, @Nullable String nominated);

  /** See {@link KeepaliveHooks#headersToSet}. */
  String @Nullable [] headersToSet(Object connection);

  /** See {@link KeepaliveHooks#mustSendHttp11}. */
  boolean mustSendHttp11(Object connection);

  /** See {@link KeepaliveHooks#connectTimeoutMillis}. */
  int connectTimeoutMillis(String scheme, String host, int port, int otherwise);

  /** See {@link KeepaliveHooks#readTimeoutMillis}. */
  int readTimeoutMillis(Object connection, int otherwise);

  /** See {@link KeepaliveHooks#sendTimeoutMillis}. */
  int sendTimeoutMillis(Object connection, int otherwise);

  /** See {@link KeepaliveHooks#maxConnections}. */
  int maxConnections(String scheme, String host, int port, int otherwise);

  /** See {@link KeepaliveHooks#connected}. */
  void connected(Object socket, @Nullable String scheme, String host, int port);

  /** See {@link KeepaliveHooks#mayChoose}. */
  boolean mayChoose(String scheme, String host, int port, boolean otherwise);

  /** See {@link KeepaliveHooks#unreachable}. */
  void unreachable(String scheme, String host, int port);

  /** See {@link KeepaliveHooks#unreached}. */
  void unreached(
      Object exchange,
      String library,
      String scheme,
      String host,
      int port,
      String method,
      @Nullable String traceparent,
      Throwable cause);

  /** See {@link KeepaliveHooks#failed}. */
  void failed(Object exchange, Throwable cause);

  /** See {@link KeepaliveHooks#mayRetry}. */
  boolean mayRetry(Object exchange, boolean replayable, boolean otherwise);

  /** See {@link KeepaliveHooks#mayRetryUnreached}. */
  boolean mayRetryUnreached(
      Object exchange,
      String library,
      String scheme,
      String host,
      int port,
      String method,
      @Nullable String traceparent,
      Throwable cause,
      long elapsedNanos,
      boolean replayable);

  /** See {@link KeepaliveHooks#mayRetryAnswered}. */
  boolean mayRetryAnswered(Object connection, Object exchange, boolean replayable);

  /** See {@link KeepaliveHooks#mayReturn}. */
  boolean mayReturn(Object exchange, boolean others);

  /** See {@link KeepaliveHooks#mayResume}. */
  boolean mayResume(String host, int port);

  /** See {@link KeepaliveHooks#secured}. */
  void secured(String host, int port, SSLSession session);

  /** See {@link KeepaliveHooks#mayRepeat}. */
  boolean mayRepeat(
      String scheme,
      String host,
      int port,
      String method,
      boolean idempotencyKey,
      int status,
      int attempts,
      boolean otherwise);

  /** See {@link KeepaliveHooks#closed}. */
  void closed(Object connection, boolean byPeer);

  /**
   * A call of this engine has thrown; the facade has given the answer that an absent agent gives.
   *
   * @param hook the name of the call
   * @param subject the connection or exchange of the call
   */
  void contained(String hook, Object subject, Throwable thrown);
}
