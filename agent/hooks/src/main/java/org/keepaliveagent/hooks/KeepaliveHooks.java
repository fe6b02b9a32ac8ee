package org.keepaliveagent.hooks;

import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The one class that advice calls: facts about a library's connections go in, permissions come out.
 *
 * <p>Questions start with {@code may}; facts are verbs. A <em>connection</em> is the library's own
 * object for one transport to an upstream; an <em>exchange</em> is its object for one request,
 * whichever stays the same when the request is tried again. Both are compared by identity only.
 *
 * <p>Promises to the library, whatever the agent does: no exception leaves this class; no call
 * blocks, takes a lock, logs or calls the library. In doubt (no engine yet, a connection never
 * seen, a fault inside) every question answers as if the agent were absent. All methods may be
 * called on any thread, with any lock of the library's held.
 */
public final class KeepaliveHooks {
  private static volatile @Nullable KeepaliveEngine engine;

  /** Set on threads between {@link #leasing} and {@link #leased} whose exchange needs a new one. */
  private static final ThreadLocal<@Nullable Boolean> freshOnly = new ThreadLocal<>();

  private static final AtomicInteger threadsOnFreshOnly = new AtomicInteger();

  /**
   * The method of the request that a thread is {@link #leasing} for, where its pool cannot know.
   */
  private static final ThreadLocal<@Nullable String> waiting = new ThreadLocal<>();

  /** The pool that a thread is {@link #leasing} from, where its connections do not know it. */
  private static final ThreadLocal<@Nullable Object> searched = new ThreadLocal<>();

  /** The connection that a thread is {@link #reading} from. */
  private static final ThreadLocal<@Nullable Object> read = new ThreadLocal<>();

  private KeepaliveHooks() {}

  /**
   * Puts an engine behind the hooks; {@code null} takes it away, after which the application runs
   * as without the agent. Takes effect at the next call.
   */
  public static void engine(@Nullable KeepaliveEngine next) {
    engine = next;
  }

  /** The engine in force, or {@code null}. */
  public static @Nullable KeepaliveEngine engine() {
    return engine;
  }

  /**
   * A transport to an upstream exists. Once for each connection; a repeated call changes nothing,
   * so that a hook which cannot tell an old connection from a new one may call it every time.
   *
   * @param library the adapter's name, for example {@code java-http-client}
   * @param scheme {@code http} or {@code https}
   * @param port a real port, never -1
   */
  public static void opened(
      Object connection, String library, String scheme, String host, int port) {
    KeepaliveEngine e = engine;
    if (e == null) {
      return;
    }
    try {
      e.opened(connection, library, scheme, host, port);
    } catch (Throwable t) {
      contain(e, "opened", connection, t);
    }
  }

  /**
   * May the pool be searched for this exchange at all? {@code false} only for an exchange whose
   * retry must go out on a fresh connection.
   */
  public static boolean mayReuse(Object exchange) {
    KeepaliveEngine e = engine;
    if (e == null) {
      return true;
    }
    try {
      return e.mayReuse(exchange);
    } catch (Throwable t) {
      contain(e, "mayReuse", exchange, t);
      return true;
    }
  }

  /**
   * From here to {@link #leased} this thread searches a pool for this exchange. For a pool whose
   * look-up does not know the exchange: it asks {@link #mayReuse()}.
   */
  public static void leasing(Object exchange) {
    if (!mayReuse(exchange) && freshOnly.get() == null) {
      freshOnly.set(Boolean.TRUE);
      threadsOnFreshOnly.incrementAndGet();
    }
  }

  /**
   * As {@link #leasing(Object)}, for a pool that does not know the request either: it asks {@link
   * #mayLease(Object)}.
   */
  public static void leasing(Object exchange, String method) {
    leasing(exchange);
    if (engine != null) {
      waiting.set(method);
    }
  }

  /**
   * As {@link #leasing(Object, String)}, for connections that do not know that they are being taken
   * from a pool, or from which: they ask {@link #searched}.
   */
  public static void leasing(Object exchange, String method, Object pool) {
    leasing(exchange, method);
    if (engine != null) {
      searched.set(pool);
    }
  }

  /**
   * The pool that this thread is {@link #leasing(Object, String, Object)} from, or {@code null}.
   */
  public static @Nullable Object searched() {
    return searched.get();
  }

  /** May the pool be searched, for the exchange that this thread is {@link #leasing} for? */
  public static boolean mayReuse() {
    return threadsOnFreshOnly.get() == 0 || freshOnly.get() == null;
  }

  /** Ends {@link #leasing}; must follow it on the same thread. */
  public static void leased() {
    if (threadsOnFreshOnly.get() != 0 && freshOnly.get() != null) {
      freshOnly.remove();
      threadsOnFreshOnly.decrementAndGet();
    }
    if (waiting.get() != null) {
      // Not removed: the next request of this thread would have to make the slot again.
      waiting.set(null);
    }
    if (searched.get() != null) {
      searched.set(null);
    }
  }

  /**
   * From here on this thread reads from this connection, for places below that do not know it;
   * {@code null} ends it, and must follow on the same thread.
   */
  public static void reading(@Nullable Object connection) {
    if (engine != null || read.get() != null) {
      read.set(engine == null ? null : connection);
    }
  }

  /** The connection that this thread is {@link #reading} from, or {@code null}. */
  public static @Nullable Object read() {
    return read.get();
  }

  /**
   * As {@link #mayLease(Object, String)}, for the request that this thread is {@link
   * #leasing(Object, String)} for; on another thread, for one of an unknown method.
   */
  public static boolean mayLease(Object connection) {
    return mayLease(connection, waiting.get());
  }

  /**
   * May this parked connection carry another request? After {@code true} it is leased and belongs
   * to the caller; after {@code false} the caller must dispose of it and look for another.
   *
   * @param method of the request that waits for it; {@code null} when the pool cannot know, which
   *     counts as a method that may not be sent twice
   */
  public static boolean mayLease(Object connection, @Nullable String method) {
    KeepaliveEngine e = engine;
    if (e == null) {
      return true;
    }
    try {
      return e.mayLease(connection, method);
    } catch (Throwable t) {
      contain(e, "mayLease", connection, t);
      return true;
    }
  }

  /**
   * What {@link #sending} is told in place of a {@code traceparent}, where the tracer writes the
   * headers {@code X-B3-*}: the same as one {@code b3} header.
   *
   * @return {@code null} without a trace; nothing new where the trace is not sampled
   */
  public static @Nullable String b3(
      @Nullable String traceId,
      @Nullable String spanId,
      @Nullable String sampled,
      @Nullable String flags) {
    if (traceId == null || spanId == null) {
      return null;
    }
    boolean denied = "0".equals(sampled) || "false".equals(sampled);
    if (denied && !"1".equals(flags)) {
      return "0";
    }
    boolean undecided = sampled == null && !"1".equals(flags);
    return traceId + "-" + spanId + (undecided ? "" : "-1");
  }

  /**
   * A request head is about to be written. Once for each attempt.
   *
   * @param traceparent the header that goes out with the request, else its single {@code b3}
   *     header, else {@code null}
   * @param idempotencyKey whether an {@code Idempotency-Key} header goes out with it
   */
  public static void sending(
      Object connection,
      Object exchange,
      String method,
      @Nullable String traceparent,
      boolean idempotencyKey) {
    KeepaliveEngine e = engine;
    if (e == null) {
      return;
    }
    KeepaliveOnce.sending(exchange, method, idempotencyKey);
    try {
      e.sending(connection, exchange, method, traceparent, idempotencyKey);
    } catch (Throwable t) {
      contain(e, "sending", connection, t);
    }
  }

  /**
   * The first byte of a response has arrived, and perhaps no whole head: from here on the request
   * must not be sent again. May be called more than once; {@link #responding} implies it.
   */
  public static void responseBegun(Object connection) {
    KeepaliveEngine e = engine;
    if (e == null) {
      return;
    }
    try {
      e.responseBegun(connection);
    } catch (Throwable t) {
      contain(e, "responseBegun", connection, t);
    }
  }

  /**
   * A final response head has arrived.
   *
   * @param http10 whether its version is below HTTP/1.1
   * @param connectionHeader the value of {@code Connection}, or {@code null}
   * @param keepAliveHeader the value of {@code Keep-Alive}, or {@code null}
   */
  public static void responding(
      Object connection,
      int status,
      boolean http10,
      @Nullable String connectionHeader,
      @Nullable String keepAliveHeader) {
    KeepaliveEngine e = engine;
    if (e == null) {
      return;
    }
    try {
      e.responding(connection, status, http10, connectionHeader, keepAliveHeader);
    } catch (Throwable t) {
      contain(e, "responding", connection, t);
    }
  }

  /**
   * The exchange is over and the pool is about to take the connection back: may it wait idle? Must
   * be asked before another thread can find the connection in the pool. After {@code false} the
   * caller must close it.
   */
  public static boolean mayPark(Object connection) {
    return mayPark(connection, null);
  }

  /**
   * As {@link #mayPark(Object)}, where the process may have several pools.
   *
   * @param pool which of them keeps the connection; compared by identity and not held on to. {@code
   *     null} for one pool with all others of which none is said
   */
  public static boolean mayPark(Object connection, @Nullable Object pool) {
    KeepaliveEngine e = engine;
    if (e == null) {
      return true;
    }
    try {
      return e.mayPark(connection, pool);
    } catch (Throwable t) {
      contain(e, "mayPark", connection, t);
      return true;
    }
  }

  /**
   * May something be read from this parked connection, to see what its peer has done? What is read
   * from a TLS connection is gone, so not where the policy only observes.
   */
  public static boolean mayRead(Object connection) {
    KeepaliveEngine e = engine;
    if (e == null) {
      return false;
    }
    try {
      return e.mayRead(connection);
    } catch (Throwable t) {
      contain(e, "mayRead", connection, t);
      return false;
    }
  }

  /** May every request header cross to the upstream? Spares the caller asking for each. */
  public static boolean maySendAll(Object connection) {
    KeepaliveEngine e = engine;
    if (e == null) {
      return true;
    }
    try {
      return e.maySendAll(connection);
    } catch (Throwable t) {
      contain(e, "maySendAll", connection, t);
      return true;
    }
  }

  /**
   * May this request header cross to the upstream?
   *
   * @param nominated the value of the request's {@code Connection} header, which may name further
   *     headers that belong to the hop; {@code null} when there is none
   */
  public static boolean maySend(
      Object connection, String name, @Nullable String value, @Nullable String nominated) {
    KeepaliveEngine e = engine;
    if (e == null) {
      return true;
    }
    try {
      return e.maySend(connection, name, value, nominated);
    } catch (Throwable t) {
      contain(e, "maySend", connection, t);
      return true;
    }
  }

  /**
   * Headers that every request to this upstream carries: name, value, name, value and so on; {@code
   * null} for none. {@link #maySend} answers {@code false} for their names, so that the caller
   * first drops what may not be sent and then adds these. The array must not be changed.
   */
  public static String @Nullable [] headersToSet(Object connection) {
    KeepaliveEngine e = engine;
    if (e == null) {
      return null;
    }
    try {
      return e.headersToSet(connection);
    } catch (Throwable t) {
      contain(e, "headersToSet", connection, t);
      return null;
    }
  }

  /** Must a request that asks for HTTP/1.0 go out as HTTP/1.1? */
  public static boolean mustSendHttp11(Object connection) {
    KeepaliveEngine e = engine;
    if (e == null) {
      return false;
    }
    try {
      return e.mustSendHttp11(connection);
    } catch (Throwable t) {
      contain(e, "mustSendHttp11", connection, t);
      return false;
    }
  }

  /**
   * How long connecting may take, in milliseconds; 0 for without end.
   *
   * @param otherwise what the library would take without the agent: the answer where the policy
   *     states nothing
   */
  public static int connectTimeoutMillis(String scheme, String host, int port, int otherwise) {
    KeepaliveEngine e = engine;
    if (e == null) {
      return otherwise;
    }
    try {
      return e.connectTimeoutMillis(scheme, host, port, otherwise);
    } catch (Throwable t) {
      contain(e, "connectTimeoutMillis", host, t);
      return otherwise;
    }
  }

  /**
   * How long a read may wait, in milliseconds; 0 for without end.
   *
   * @param otherwise as for {@link #connectTimeoutMillis}
   */
  public static int readTimeoutMillis(Object connection, int otherwise) {
    KeepaliveEngine e = engine;
    if (e == null) {
      return otherwise;
    }
    try {
      return e.readTimeoutMillis(connection, otherwise);
    } catch (Throwable t) {
      contain(e, "readTimeoutMillis", connection, t);
      return otherwise;
    }
  }

  /**
   * How long a write may wait, in milliseconds; 0 for without end.
   *
   * @param otherwise as for {@link #connectTimeoutMillis}
   */
  public static int sendTimeoutMillis(Object connection, int otherwise) {
    KeepaliveEngine e = engine;
    if (e == null) {
      return otherwise;
    }
    try {
      return e.sendTimeoutMillis(connection, otherwise);
    } catch (Throwable t) {
      contain(e, "sendTimeoutMillis", connection, t);
      return otherwise;
    }
  }

  /**
   * How many connections a pool may have to this upstream. For a pool that knows such a limit and
   * makes requests wait, as it does by itself.
   *
   * @param otherwise the pool's own limit: the answer is never above it
   */
  public static int maxConnections(String scheme, String host, int port, int otherwise) {
    KeepaliveEngine e = engine;
    if (e == null) {
      return otherwise;
    }
    try {
      int limit = e.maxConnections(scheme, host, port, otherwise);
      // With none, or fewer, a pool lets every request wait for ever.
      return limit < 1 ? otherwise : limit;
    } catch (Throwable t) {
      contain(e, "maxConnections", host, t);
      return otherwise;
    }
  }

  /**
   * A new socket to an upstream is connected, TLS not yet begun. Once for each socket.
   *
   * @param socket a {@code java.net.Socket}, a {@code NetworkChannel}, or Netty's channel where it
   *     has a file descriptor of its own
   * @param scheme {@code null} where the library has forgotten it: that of an upstream at this host
   *     and port which was {@link #opened} before
   */
  public static void connected(Object socket, @Nullable String scheme, String host, int port) {
    KeepaliveEngine e = engine;
    if (e == null) {
      return;
    }
    try {
      e.connected(socket, scheme, host, port);
    } catch (Throwable t) {
      contain(e, "connected", socket, t);
    }
  }

  /**
   * May this peer get a request now, for a library that chooses among several? Asking counts as
   * nginx's pick: of a peer that failed too often one question a {@code fail_timeout} is answered
   * with yes, and the caller must then use it.
   *
   * @param otherwise what the library would do without the agent: the answer where the policy
   *     states neither {@code max_fails} nor {@code health_check}
   */
  public static boolean mayChoose(String scheme, String host, int port, boolean otherwise) {
    KeepaliveEngine e = engine;
    if (e == null) {
      return otherwise;
    }
    try {
      return e.mayChoose(scheme, host, port, otherwise);
    } catch (Throwable t) {
      contain(e, "mayChoose", host, t);
      return otherwise;
    }
  }

  /** A new connection to this peer could not be made. Precedes no other call for it. */
  public static void unreachable(String scheme, String host, int port) {
    KeepaliveEngine e = engine;
    if (e == null) {
      return;
    }
    try {
      e.unreachable(scheme, host, port);
    } catch (Throwable t) {
      contain(e, "unreachable", host, t);
    }
  }

  /**
   * An attempt of this exchange has ended without a connection, because none could be made: what
   * would have been said in {@link #opened} and {@link #sending}. Of an exchange that has one it
   * says nothing.
   */
  public static void unreached(
      Object exchange,
      String library,
      String scheme,
      String host,
      int port,
      String method,
      @Nullable String traceparent,
      Throwable cause) {
    KeepaliveEngine e = engine;
    if (e == null) {
      return;
    }
    try {
      e.unreached(exchange, library, scheme, host, port, method, traceparent, cause);
    } catch (Throwable t) {
      contain(e, "unreached", exchange, t);
    }
  }

  /** The exchange's current attempt has died of this cause. Precedes {@link #mayRetry}. */
  public static void failed(Object exchange, Throwable cause) {
    KeepaliveEngine e = engine;
    if (e == null) {
      return;
    }
    try {
      e.failed(exchange, cause);
    } catch (Throwable t) {
      contain(e, "failed", exchange, t);
    }
  }

  /**
   * May the same request go once more? After {@code true} the next attempt must not take a parked
   * connection: {@link #mayReuse} then answers {@code false} for this exchange.
   *
   * @param replayable whether no byte of a response reached the caller and the request's body can
   *     be sent again from its start
   * @param otherwise what the library would do without the agent: the answer in doubt
   */
  public static boolean mayRetry(Object exchange, boolean replayable, boolean otherwise) {
    KeepaliveEngine e = engine;
    if (e == null) {
      return otherwise;
    }
    try {
      return e.mayRetry(exchange, replayable, otherwise)
          && (otherwise || !KeepaliveOnce.isOnce(exchange));
    } catch (Throwable t) {
      contain(e, "mayRetry", exchange, t);
      return otherwise;
    }
  }

  /**
   * As {@link #unreached}, for a library that would end the exchange now: may it go once more? What
   * {@link #mayRetry} says of the next attempt holds here too. Nothing of the request was sent, so
   * that its method does not matter.
   *
   * @param elapsedNanos since its first attempt began
   * @param replayable whether no byte of a response reached the caller and the request's body can
   *     be sent again from its start
   */
  public static boolean mayRetryUnreached(
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
    KeepaliveEngine e = engine;
    if (e == null) {
      return false;
    }
    try {
      return e.mayRetryUnreached(
          exchange,
          library,
          scheme,
          host,
          port,
          method,
          traceparent,
          cause,
          elapsedNanos,
          replayable);
    } catch (Throwable t) {
      contain(e, "mayRetryUnreached", exchange, t);
      return false;
    }
  }

  /**
   * A final response head has arrived, {@link #responding} has told of it, and the library would
   * pass it on: may the request go once more instead, because of the response's status? After
   * {@code true} the caller must close the connection; what {@link #mayRetry} says of the next
   * attempt holds here too.
   *
   * @param replayable as in {@link #mayRetry}
   */
  public static boolean mayRetryAnswered(Object connection, Object exchange, boolean replayable) {
    KeepaliveEngine e = engine;
    if (e == null) {
      return false;
    }
    try {
      return e.mayRetryAnswered(connection, exchange, replayable)
          && !KeepaliveOnce.isOnce(exchange);
    } catch (Throwable t) {
      contain(e, "mayRetryAnswered", connection, t);
      return false;
    }
  }

  /** May a new TLS connection to this server offer a session of an earlier one? */
  public static boolean mayResume(String host, int port) {
    KeepaliveEngine e = engine;
    if (e == null) {
      return true;
    }
    try {
      return e.mayResume(host, port);
    } catch (Throwable t) {
      contain(e, "mayResume", host, t);
      return true;
    }
  }

  /**
   * May the repetition of this exchange go to a peer that it was at before, for a library that goes
   * to another one by itself? Only one that the policy and not the library decided: always after a
   * stale connection, of which the peer is innocent, and else where no other peer is left.
   *
   * @param others whether there is a peer that it was not at
   */
  public static boolean mayReturn(Object exchange, boolean others) {
    KeepaliveEngine e = engine;
    if (e == null) {
      return false;
    }
    try {
      return e.mayReturn(exchange, others);
    } catch (Throwable t) {
      contain(e, "mayReturn", exchange, t);
      return false;
    }
  }

  /**
   * A TLS handshake with an upstream is over. Known by host and port: the places where libraries
   * see the end of a handshake do not know their connection.
   *
   * @param session as it is after the handshake
   */
  public static void secured(String host, int port, SSLSession session) {
    KeepaliveEngine e = engine;
    if (e == null) {
      return;
    }
    try {
      e.secured(host, port, session);
    } catch (Throwable t) {
      contain(e, "secured", session, t);
    }
  }

  /**
   * May a request that was answered go once more, because the library takes the response's status
   * for a reason to? For a library that decides so after the connection went back to its pool.
   *
   * @param scheme and host and port as in {@link #opened}
   * @param idempotencyKey whether an {@code Idempotency-Key} header went out with it
   * @param attempts how often it was sent so far
   * @param otherwise what the library would do without the agent: the answer in doubt
   */
  public static boolean mayRepeat(
      String scheme,
      String host,
      int port,
      String method,
      boolean idempotencyKey,
      int status,
      int attempts,
      boolean otherwise) {
    KeepaliveEngine e = engine;
    if (e == null) {
      return otherwise;
    }
    try {
      return e.mayRepeat(scheme, host, port, method, idempotencyKey, status, attempts, otherwise)
          && (otherwise || !KeepaliveOnce.isOnce(method, idempotencyKey));
    } catch (Throwable t) {
      contain(e, "mayRepeat", host, t);
      return otherwise;
    }
  }

  /**
   * The transport is gone, whoever closed it. May be called more than once and may race with every
   * other call.
   *
   * @param byPeer whether the peer closed it: a FIN or a reset was seen that this side did not ask
   *     for
   */
  public static void closed(Object connection, boolean byPeer) {
    KeepaliveEngine e = engine;
    if (e == null) {
      return;
    }
    try {
      e.closed(connection, byPeer);
    } catch (Throwable t) {
      contain(e, "closed", connection, t);
    }
  }

  private static void contain(KeepaliveEngine e, String hook, Object subject, Throwable thrown) {
    try {
      e.contained(hook, subject, thrown);
    } catch (Throwable alsoBroken) {
      engine = null;
    }
  }
}
