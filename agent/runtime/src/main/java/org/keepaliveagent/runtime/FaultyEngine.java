package org.keepaliveagent.runtime;

import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.hooks.KeepaliveEngine;

/**
 * An engine with a defect in every call, for tests that show what a defect of ours does to an
 * application: {@code fault_injection=throw}. Each call does its work first and then throws, so
 * that state has moved and the answer is lost, which is the worse case.
 */
public final class FaultyEngine implements KeepaliveEngine {
  private final KeepaliveEngine inner;

  public FaultyEngine(KeepaliveEngine inner) {
    this.inner = inner;
  }

  @Override
  public void opened(Object connection, String library, String scheme, String host, int port) {
    inner.opened(connection, library, scheme, host, port);
    throw fault();
  }

  @Override
  public boolean mayReuse(Object exchange) {
    throw fault(inner.mayReuse(exchange));
  }

  @Override
  public boolean mayLease(Object connection, @Nullable String method) {
    throw fault(inner.mayLease(connection, method));
  }

  @Override
  public void sending(
      Object connection,
      Object exchange,
      String method,
      @Nullable String traceparent,
      boolean idempotencyKey) {
    inner.sending(connection, exchange, method, traceparent, idempotencyKey);
    throw fault();
  }

  @Override
  public void responseBegun(Object connection) {
    inner.responseBegun(connection);
    throw fault();
  }

  @Override
  public void responding(
      Object connection,
      int status,
      boolean http10,
      @Nullable String connectionHeader,
      @Nullable String keepAliveHeader) {
    inner.responding(connection, status, http10, connectionHeader, keepAliveHeader);
    throw fault();
  }

  @Override
  public boolean mayPark(Object connection, @Nullable Object pool) {
    throw fault(inner.mayPark(connection, pool));
  }

  @Override
  public boolean mayRead(Object connection) {
    throw fault(inner.mayRead(connection));
  }

  @Override
  public boolean maySendAll(Object connection) {
    throw fault(inner.maySendAll(connection));
  }

  @Override
  public boolean maySend(
      Object connection, String name, @Nullable String value, @Nullable String nominated) {
    throw fault(inner.maySend(connection, name, value, nominated));
  }

  @Override
  public String @Nullable [] headersToSet(Object connection) {
    throw fault(inner.headersToSet(connection) != null);
  }

  @Override
  public boolean mustSendHttp11(Object connection) {
    throw fault(inner.mustSendHttp11(connection));
  }

  @Override
  public int connectTimeoutMillis(String scheme, String host, int port, int otherwise) {
    throw fault(inner.connectTimeoutMillis(scheme, host, port, otherwise) != otherwise);
  }

  @Override
  public int readTimeoutMillis(Object connection, int otherwise) {
    throw fault(inner.readTimeoutMillis(connection, otherwise) != otherwise);
  }

  @Override
  public int sendTimeoutMillis(Object connection, int otherwise) {
    throw fault(inner.sendTimeoutMillis(connection, otherwise) != otherwise);
  }

  @Override
  public int maxConnections(String scheme, String host, int port, int otherwise) {
    throw fault(inner.maxConnections(scheme, host, port, otherwise) != otherwise);
  }

  @Override
  public void connected(Object socket, @Nullable String scheme, String host, int port) {
    inner.connected(socket, scheme, host, port);
    throw fault();
  }

  @Override
  public boolean mayChoose(String scheme, String host, int port, boolean otherwise) {
    throw fault(inner.mayChoose(scheme, host, port, otherwise));
  }

  @Override
  public void unreachable(String scheme, String host, int port) {
    inner.unreachable(scheme, host, port);
    throw fault();
  }

  @Override
  public void unreached(
      Object exchange,
      String library,
      String scheme,
      String host,
      int port,
      String method,
      @Nullable String traceparent,
      Throwable cause) {
    inner.unreached(exchange, library, scheme, host, port, method, traceparent, cause);
    throw fault();
  }

  @Override
  public void failed(Object exchange, Throwable cause) {
    inner.failed(exchange, cause);
    throw fault();
  }

  @Override
  public boolean mayRetry(Object exchange, boolean replayable, boolean otherwise) {
    throw fault(inner.mayRetry(exchange, replayable, otherwise));
  }

  @Override
  public boolean mayRetryUnreached(
      Object exchange,
      String library,
      String scheme,
      String host,
      int port,
      String method,
      @Nullable String traceparent,
      Throwable cause,
      long elapsedNanos,
      boolean replayable) {
    throw fault(
        inner.mayRetryUnreached(
            exchange,
            library,
            scheme,
            host,
            port,
            method,
            traceparent,
            cause,
            elapsedNanos,
            replayable));
  }

  @Override
  public boolean mayRetryAnswered(Object connection, Object exchange, boolean replayable) {
    throw fault(inner.mayRetryAnswered(connection, exchange, replayable));
  }

  @Override
  public boolean mayReturn(Object exchange, boolean others) {
    throw fault(inner.mayReturn(exchange, others));
  }

  @Override
  public boolean mayResume(String host, int port) {
    throw fault(inner.mayResume(host, port));
  }

  @Override
  public void secured(String host, int port, SSLSession session) {
    inner.secured(host, port, session);
    throw fault();
  }

  @Override
  public boolean mayRepeat(
      String scheme,
      String host,
      int port,
      String method,
      boolean idempotencyKey,
      int status,
      int attempts,
      boolean otherwise) {
    throw fault(
        inner.mayRepeat(scheme, host, port, method, idempotencyKey, status, attempts, otherwise));
  }

  @Override
  public void closed(Object connection, boolean byPeer) {
    inner.closed(connection, byPeer);
    throw fault();
  }

  @Override
  public void contained(String hook, Object subject, Throwable thrown) {
    inner.contained(hook, subject, thrown);
  }

  private static IllegalStateException fault(boolean lostAnswer) {
    return new IllegalStateException("injected; lost the answer " + lostAnswer);
  }

  private static IllegalStateException fault() {
    return new IllegalStateException("injected");
  }
}
