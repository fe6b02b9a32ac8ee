package org.keepaliveagent.jettyclient;

import java.io.Closeable;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeoutException;
import net.bytebuddy.asm.Advice;
import org.eclipse.jetty.client.HttpDestination;
import org.eclipse.jetty.client.HttpExchange;
import org.eclipse.jetty.client.HttpRequest;
import org.eclipse.jetty.client.Origin;
import org.eclipse.jetty.client.SendFailure;
import org.eclipse.jetty.client.api.Response;
import org.eclipse.jetty.client.http.HttpConnectionOverHTTP;
import org.eclipse.jetty.client.http.HttpReceiverOverHTTP;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.adapter.Hook;
import org.keepaliveagent.hooks.KeepaliveHooks;

/**
 * The Jetty client 9.4 to 11.
 *
 * <p>A connection is a {@code HttpConnectionOverHTTP} that a pool keeps, an exchange the {@code
 * HttpRequest}. A connection that the application took out of the pool for itself, or that speaks
 * another protocol, is never opened here and so left alone.
 *
 * <p>A queued request and a connection meet when somebody who was handed one polls the queue. There
 * the lease is asked for; a refused connection is closed, which takes it out of its pool, and the
 * request goes back to the queue as if it had lost the race against an idle time-out.
 */
public final class JettyClientAdapter implements Adapter {
  static final String CLIENT = "org.eclipse.jetty.client.";
  private static final String CONNECTION = CLIENT + "http.HttpConnectionOverHTTP";
  private static final String CHANNEL = CLIENT + "http.HttpChannelOverHTTP";
  private static final String RECEIVER = CLIENT + "http.HttpReceiverOverHTTP";

  @Override
  public String name() {
    return "jetty-client";
  }

  @Override
  public String versions() {
    return "9.4.58 to 11.0.26";
  }

  @Override
  public List<Hook> hooks() {
    return Arrays.asList(
        Hook.of(CONNECTION, "send", full("(LHttpExchange;)LSendFailure;"), Lease.class),
        Hook.of(CHANNEL, "send", full("(LHttpExchange;)V"), Sending.class).reading("connection"),
        Hook.of(CONNECTION, "addBytesIn", "(J)V", Received.class),
        Hook.of(RECEIVER, "headerComplete", "()Z", Head.class),
        Hook.of(CONNECTION, "release", "()V", Park.class),
        // Not read: early versions of 9.4, which have it not, close otherwise and are not known.
        Hook.of(RECEIVER, "earlyEOF", "()V", EndedByPeer.class).reading("unsolicited"),
        Hook.of(CONNECTION, "close", "(Ljava/lang/Throwable;)V", Closed.class),
        Hook.of(
            CHANNEL,
            "exchangeTerminated",
            full("(LHttpExchange;Lapi/Result;)V"),
            JettyClientAgain.Over.class),
        Hook.of(
            CLIENT + "HttpDestination",
            "failed",
            "(Ljava/lang/Throwable;)V",
            JettyClientAgain.Unreached.class),
        JettyClientAgain.failed("requestComplete"),
        JettyClientAgain.failed("responseComplete"),
        JettyClientAgain.unheard(),
        Hook.of(CONNECTION, "abort", "(Ljava/lang/Throwable;)Z", JettyClientAgain.Abandoned.class),
        JettyClientAgain.again(
            "HttpReceiver", "terminateResponse", "(LHttpExchange;Lapi/Result;)V"),
        JettyClientAgain.again(
            "HttpSender",
            "terminateRequest",
            "(LHttpExchange;Ljava/lang/Throwable;Lapi/Result;)V"));
  }

  /** A descriptor with the library's own types written out. */
  static String full(String descriptor) {
    return descriptor
        .replace("LHttp", "Lorg/eclipse/jetty/client/Http")
        .replace("LSend", "Lorg/eclipse/jetty/client/Send")
        .replace("Lapi/", "Lorg/eclipse/jetty/client/api/");
  }

  /** Takes it out of its pool too. */
  @Override
  public void close(Object connection) throws IOException {
    ((Closeable) connection).close();
  }

  /** A request and a connection of the pool have met. */
  public static final class Lease {
    @Advice.OnMethodEnter(suppress = Throwable.class, skipOn = Advice.OnNonDefaultValue.class)
    public static boolean enter(
        @Advice.This HttpConnectionOverHTTP connection, @Advice.Argument(0) HttpExchange exchange) {
      HttpDestination destination = connection.getHttpChannel().getHttpDestination();
      String scheme = destination.getScheme();
      Origin.Address peer = destination.getOrigin().getAddress();
      if (destination.getProxy() != null && scheme.equals("http")) {
        peer = destination.getProxy().getAddress();
      }
      KeepaliveHooks.opened(connection, "jetty-client", scheme, peer.getHost(), peer.getPort());
      HttpRequest request = exchange.getRequest();
      boolean used = connection.getMessagesOut() > 0;
      if (!used) {
        Object transport = connection.getEndPoint();
        while (transport instanceof EndPoint) {
          transport = ((EndPoint) transport).getTransport();
        }
        KeepaliveHooks.connected(transport, scheme, peer.getHost(), peer.getPort());
      }
      // Of a new one nobody is asked: were it refused, the next would be new too.
      if (!used
          || (KeepaliveHooks.mayLease(connection, request.getMethod())
              && KeepaliveHooks.mayReuse(request))) {
        return false;
      }
      connection.close();
      return true;
    }

    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.This HttpConnectionOverHTTP connection,
        @Advice.Enter boolean refused,
        @Advice.Return(readOnly = false) SendFailure failure) {
      if (refused) {
        failure =
            new SendFailure(new TimeoutException("the policy wants another connection"), true);
      } else if (failure != null && !failure.retry && !KeepaliveHooks.mayPark(connection)) {
        connection.close();
      }
    }
  }

  /** A request that is complete is about to be written. */
  public static final class Sending {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    @SuppressWarnings("deprecation") // what 9.4 has
    public static void enter(
        @Advice.FieldValue("connection") HttpConnectionOverHTTP connection,
        @Advice.Argument(0) HttpExchange exchange) {
      HttpRequest request = exchange.getRequest();
      // The collection is a class in 9.4 and an interface since.
      Iterable<HttpField> headers = request.getHeaders();
      String traceparent = null;
      String b3 = null;
      String traceId = null;
      String spanId = null;
      String sampled = null;
      String flags = null;
      String nominated = null;
      boolean idempotencyKey = false;
      for (HttpField header : headers) {
        String name = header.getName();
        if (name.equalsIgnoreCase("traceparent")) {
          traceparent = header.getValue();
        } else if (name.equalsIgnoreCase("b3")) {
          b3 = header.getValue();
        } else if (name.equalsIgnoreCase("X-B3-TraceId")) {
          traceId = header.getValue();
        } else if (name.equalsIgnoreCase("X-B3-SpanId")) {
          spanId = header.getValue();
        } else if (name.equalsIgnoreCase("X-B3-Sampled")) {
          sampled = header.getValue();
        } else if (name.equalsIgnoreCase("X-B3-Flags")) {
          flags = header.getValue();
        } else if (name.equalsIgnoreCase("Connection")) {
          nominated = header.getValue();
        } else if (name.equalsIgnoreCase("Idempotency-Key")) {
          idempotencyKey = true;
        }
      }
      if (traceparent == null) {
        traceparent = b3 != null ? b3 : KeepaliveHooks.b3(traceId, spanId, sampled, flags);
      }
      KeepaliveHooks.sending(connection, request, request.getMethod(), traceparent, idempotencyKey);
      if (!KeepaliveHooks.maySendAll(connection)) {
        for (Iterator<HttpField> i = headers.iterator(); i.hasNext(); ) {
          HttpField header = i.next();
          if (!KeepaliveHooks.maySend(connection, header.getName(), header.getValue(), nominated)) {
            i.remove();
          }
        }
      }
      String[] set = KeepaliveHooks.headersToSet(connection);
      for (int i = 0; set != null && i + 1 < set.length; i += 2) {
        request.header(set[i], set[i + 1]);
      }
      if (request.getVersion() == HttpVersion.HTTP_1_0
          && KeepaliveHooks.mustSendHttp11(connection)) {
        request.version(HttpVersion.HTTP_1_1);
      }
      int wait = KeepaliveHooks.readTimeoutMillis(connection, -1);
      if (wait >= 0) {
        connection.getEndPoint().setIdleTimeout(wait);
      }
    }
  }

  /** Bytes have come in: of a response, or without a request. */
  public static final class Received {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(@Advice.This HttpConnectionOverHTTP connection) {
      EndPoint endPoint = connection.getBytesIn() == 0 ? connection.getEndPoint() : null;
      if (endPoint instanceof SslConnection.DecryptedEndPoint) {
        HttpDestination destination = connection.getHttpChannel().getHttpDestination();
        KeepaliveHooks.secured(
            destination.getHost(),
            destination.getPort(),
            ((SslConnection.DecryptedEndPoint) endPoint)
                .getSslConnection()
                .getSSLEngine()
                .getSession());
      }
      if (connection.getHttpChannel().getHttpExchange() == null) {
        KeepaliveHooks.closed(connection, true);
      } else {
        KeepaliveHooks.responseBegun(connection);
      }
    }
  }

  /** A response head has been read. */
  public static final class Head {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(@Advice.This HttpReceiverOverHTTP receiver) {
      HttpExchange exchange = receiver.getHttpChannel().getHttpExchange();
      Response response = exchange == null ? null : exchange.getResponse();
      if (response == null || response.getStatus() < 200) {
        return;
      }
      Iterable<HttpField> headers = response.getHeaders();
      String said = null;
      String keepAlive = null;
      for (HttpField header : headers) {
        String name = header.getName();
        if (name.equalsIgnoreCase("Connection")) {
          said = header.getValue();
        } else if (name.equalsIgnoreCase("Keep-Alive")) {
          keepAlive = header.getValue();
        }
      }
      KeepaliveHooks.responding(
          receiver.getHttpChannel().getHttpConnection(),
          response.getStatus(),
          response.getVersion().getVersion() < HttpVersion.HTTP_1_1.getVersion(),
          said,
          keepAlive);
    }
  }

  /** An exchange is over, and its connection about to go back to where it came from. */
  public static final class Park {
    @Advice.OnMethodEnter(suppress = Throwable.class, skipOn = Advice.OnNonDefaultValue.class)
    public static boolean enter(@Advice.This HttpConnectionOverHTTP connection) {
      Object pool = connection.getHttpChannel().getHttpDestination().getConnectionPool();
      if (KeepaliveHooks.mayPark(connection, pool)) {
        return false;
      }
      connection.close();
      return true;
    }
  }

  /** The peer's end has been read where no response, or none to its end, had come. */
  public static final class EndedByPeer {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(@Advice.This HttpReceiverOverHTTP receiver) {
      KeepaliveHooks.closed(receiver.getHttpChannel().getHttpConnection(), true);
    }
  }

  /** Whoever closes it. */
  public static final class Closed {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(@Advice.This HttpConnectionOverHTTP connection) {
      KeepaliveHooks.closed(connection, false);
    }
  }
}
