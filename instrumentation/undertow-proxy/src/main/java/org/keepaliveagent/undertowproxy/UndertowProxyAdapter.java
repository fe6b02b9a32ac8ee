package org.keepaliveagent.undertowproxy;

import java.io.Closeable;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.adapter.Hook;

/**
 * Undertow's reverse proxy: {@code ProxyHandler} over a {@code ProxyConnectionPool}.
 *
 * <p>A connection is its {@code HttpClientConnection}, an exchange the front's {@code
 * HttpServerExchange}. Each I/O thread has a pool of its own and everything of an exchange happens
 * on it, so that a refused connection is closed on the spot, which is what frees its place. A
 * connection is parked when its exchange is done with the upstream, a little before the pool has it
 * back: the front may still be writing. What else uses the same client is left alone, since no pool
 * has opened its connections, and so is HTTP/2.
 */
public final class UndertowProxyAdapter implements Adapter {
  private static final String PROXY = "io.undertow.server.handlers.proxy.";
  private static final String POOL = PROXY + "ProxyConnectionPool";
  private static final String HANDLER = PROXY + "ProxyHandler";
  private static final String BALANCER = PROXY + "LoadBalancingProxyClient";
  private static final String CLIENT = "io.undertow.client.http.";
  private static final String CONNECTION = CLIENT + "HttpClientConnection";
  private static final String EXCHANGE = "Lio/undertow/server/HttpServerExchange;";

  @Override
  public String name() {
    return "undertow-proxy";
  }

  @Override
  public String versions() {
    return "2.2.0 to 2.4.4";
  }

  @Override
  public List<Hook> hooks() {
    return Arrays.asList(
        Hook.of(
                POOL + "$2",
                "completed",
                "(Lio/undertow/client/ClientConnection;)V",
                ProxyAdvice.Opened.class)
            .reading("this$0", "val$exclusive"),
        Hook.of(POOL + "$2", "failed", "(Ljava/io/IOException;)V", ProxyAdvice.Unreachable.class)
            .reading("this$0", "val$exchange"),
        Hook.of(
            POOL,
            "connect",
            "(Lio/undertow/server/handlers/proxy/ProxyClient$ProxyTarget;"
                + EXCHANGE
                + "Lio/undertow/server/handlers/proxy/ProxyCallback;"
                + "JLjava/util/concurrent/TimeUnit;Z)V",
            ProxyAdvice.Searching.class),
        Hook.of(
            POOL,
            "available",
            "()Lio/undertow/server/handlers/proxy/ProxyConnectionPool$AvailabilityType;",
            ProxyAdvice.Available.class),
        Hook.of(
                BALANCER,
                "selectHost",
                "("
                    + EXCHANGE
                    + ")Lio/undertow/server/handlers/proxy/LoadBalancingProxyClient$Host;",
                ProxyAdvice.Choosing.class)
            .reading("ATTEMPTED_HOSTS"),
        Hook.of(HANDLER + "$ProxyAction", "run", "()V", ProxyAdvice.Sending.class)
            .reading("exchange", "clientConnection"),
        Hook.of(
                HANDLER,
                "handleFailure",
                "("
                    + EXCHANGE
                    + "Lio/undertow/server/handlers/proxy/ProxyHandler$ProxyClientHandler;"
                    + "Lio/undertow/predicate/Predicate;Ljava/io/IOException;)V",
                FailureAdvice.Failed.class)
            .reading("CONNECTION"),
        Hook.of(
                HANDLER + "$IoExceptionHandler",
                "handleException",
                "(Ljava/nio/channels/Channel;Ljava/io/IOException;)V",
                FailureAdvice.BrokenOff.class)
            .reading("exchange"),
        Hook.of(
            HANDLER + "$ProxyClientHandler",
            "cancel",
            "(" + EXCHANGE + ")V",
            FailureAdvice.TimedOut.class),
        Hook.of(CONNECTION, "isOpen", "()Z", ConnectionAdvice.Lease.class).reading("connection"),
        Hook.of(CONNECTION, "exchangeDone", "()V", ConnectionAdvice.Park.class)
            .reading("connection", "requestCount", "state"),
        Hook.of(CONNECTION, "close", "()V", ConnectionAdvice.Closing.class),
        Hook.of(
                CONNECTION + "$5",
                "handleEvent",
                "(Lorg/xnio/StreamConnection;)V",
                ConnectionAdvice.Closed.class)
            .reading("this$0"),
        Hook.of(CONNECTION, "doHttp2Upgrade", "()V", ConnectionAdvice.Upgraded.class),
        Hook.of(
                CONNECTION + "$ClientReadListener",
                "handleEvent",
                "(Lorg/xnio/channels/StreamSourceChannel;)V",
                ConnectionAdvice.Reading.class)
            .reading("this$0"),
        Hook.of(
                CLIENT + "ResponseParser",
                "handle",
                parses("ResponseState"),
                ConnectionAdvice.Begun.class)
            .or(
                Hook.of(
                    CLIENT + "HttpResponseParser",
                    "handle",
                    parses("ResponseParseState"),
                    ConnectionAdvice.Begun.class)),
        Hook.of(
            CONNECTION,
            "sendRequest",
            "(Lio/undertow/client/ClientRequest;Lio/undertow/client/ClientCallback;)V",
            HeaderAdvice.Request.class),
        Hook.of(
            CLIENT + "HttpClientExchange",
            "setResponse",
            "(Lio/undertow/client/ClientResponse;)V",
            HeaderAdvice.Response.class));
  }

  private static String parses(String state) {
    return "(Ljava/nio/ByteBuffer;Lio/undertow/client/http/"
        + state
        + ";Lio/undertow/client/http/HttpResponseBuilder;)V";
  }

  /**
   * On its I/O thread, where the pool hears of it. Not the connection but its transport: the
   * connection would wait for the peer's FIN, and until then keep its place in a pool that may have
   * no other.
   */
  @Override
  public void close(Object connection) throws Throwable {
    Field transport = connection.getClass().getDeclaredField("connection");
    Method ioThread = connection.getClass().getMethod("getIoThread");
    transport.setAccessible(true);
    // The class is not public, but the method is the library's interface.
    ioThread.setAccessible(true);
    Closing closing = new Closing((Closeable) transport.get(connection));
    try {
      ((Executor) ioThread.invoke(connection)).execute(closing);
    } catch (RejectedExecutionException stopped) {
      // The thread has ended, and its connections with it.
    }
  }

  private static final class Closing implements Runnable {
    private final Closeable transport;

    Closing(Closeable transport) {
      this.transport = transport;
    }

    @Override
    public void run() {
      try {
        transport.close();
      } catch (IOException alreadyGone) {
        // what was wanted
      }
    }
  }
}
