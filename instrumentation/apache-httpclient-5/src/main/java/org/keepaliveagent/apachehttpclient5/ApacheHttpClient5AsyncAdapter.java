package org.keepaliveagent.apachehttpclient5;

import static org.keepaliveagent.apachehttpclient5.ApacheHttpClient5SharedAdapter.full;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.SSLSession;
import net.bytebuddy.asm.Advice;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpConnection;
import org.apache.hc.core5.http.HttpMessage;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.nio.SessionInputBuffer;
import org.apache.hc.core5.http.nio.command.RequestExecutionCommand;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.net.NamedEndpoint;
import org.apache.hc.core5.reactor.Command;
import org.apache.hc.core5.reactor.IOSession;
import org.apache.hc.core5.reactor.ProtocolIOSession;
import org.apache.hc.core5.reactor.ssl.TlsDetails;
import org.apache.hc.core5.util.Timeout;
import org.keepaliveagent.adapter.Adapter;
import org.keepaliveagent.adapter.Hook;
import org.keepaliveagent.hooks.KeepaliveHooks;

/**
 * Apache HttpClient 5, the asynchronous client; its retry strategy and its pools are hooked by
 * {@link ApacheHttpClient5SharedAdapter}.
 *
 * <p>A connection is the session of the I/O reactor, which both ends of the library know: the
 * managed connection in a pool's entry, and the duplexer that speaks HTTP/1.1. An exchange is its
 * {@code HttpClientContext}. The manager activates a connection when it has been leased and
 * passivates it before it is released, with no lock held; a session that is closed then is replaced
 * by the client on the same entry, so that the pool's books are never touched. What speaks HTTP/2
 * has no such duplexer and is never told of.
 */
public final class ApacheHttpClient5AsyncAdapter implements Adapter {
  private static final String MANAGED =
      "org.apache.hc.client5.http.impl.nio.DefaultManagedAsyncClientConnection";
  private static final String CORE = "org.apache.hc.core5.http.impl.nio.";
  private static final String DUPLEXER = CORE + "AbstractHttp1StreamDuplexer";

  @Override
  public String name() {
    return "apache-httpclient-5-async";
  }

  @Override
  public List<String> packages() {
    return Collections.singletonList("org.apache.hc.");
  }

  @Override
  public String versions() {
    return "5.0.4 to 5.6.5";
  }

  @Override
  public List<Hook> hooks() {
    return Arrays.asList(
        Hook.of(MANAGED, "activate", "()V", Lease.class).reading("ioSession"),
        Hook.of(
                MANAGED,
                "submitCommand",
                full("(Lcore5/reactor/Command;Lcore5/reactor/Command$Priority;)V"),
                Submit.class)
            .reading("ioSession"),
        Hook.of(
            "org.apache.hc.core5.http.nio.command.RequestExecutionCommand",
            "cancel",
            "()Z",
            Cancel.class),
        Hook.of(
                CORE + "ClientHttp1StreamHandler",
                "commitRequest",
                full("(Lcore5/http/HttpRequest;Lcore5/http/EntityDetails;)V"),
                Sending.class)
            .reading("context"),
        Hook.of(
                DUPLEXER,
                "commitMessageHead",
                full("(Lcore5/http/HttpMessage;ZLcore5/http/impl/nio/FlushMode;)V"),
                Headers.class)
            .reading("ioSession"),
        Hook.of(DUPLEXER, "parseMessageHead", full("(Z)Lcore5/http/HttpMessage;"), Responding.class)
            .reading("ioSession", "inbuf"),
        Hook.of(MANAGED, "passivate", "()V", Park.class).reading("ioSession"),
        Hook.of(DUPLEXER, "onException", "(Ljava/lang/Exception;)V", Broken.class)
            .reading("ioSession"),
        Hook.of(DUPLEXER, "onDisconnect", "()V", Closed.class).reading("ioSession"));
  }

  /** The pool meets the closed session at its next lease, and the client connects anew. */
  @Override
  public void close(Object session) throws IOException {
    ((Closeable) session).close();
  }

  /** A connection has been leased. The client replaces one that is closed. */
  public static final class Lease {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This HttpConnection connection, @Advice.FieldValue("ioSession") IOSession session) {
      if (connection.getProtocolVersion().lessEquals(HttpVersion.HTTP_1_1)
          && session.isOpen()
          && !KeepaliveHooks.mayLease(session)) {
        session.close(CloseMode.GRACEFUL);
      }
    }
  }

  /** Notes in an exchange which session it was submitted to, for whoever executes it there. */
  public static final class Submit {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.FieldValue("ioSession") IOSession session, @Advice.Argument(0) Command command) {
      if (command instanceof RequestExecutionCommand) {
        HttpContext exchange = ((RequestExecutionCommand) command).getContext();
        exchange.setAttribute("keepalive.session", session);
        exchange.setAttribute("keepalive.waiting", command);
      }
    }
  }

  /**
   * A session cancels what was submitted to it when it is closed by then, and does not know that
   * the reactor may have executed that already, and failed it, and the client sent it once more.
   * That would fail the exchange twice and take the connection away from its repetition.
   */
  public static final class Cancel {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class, suppress = Throwable.class)
    public static boolean enter(@Advice.This RequestExecutionCommand command) {
      HttpContext exchange = command.getContext();
      return exchange.getAttribute("keepalive.session") != null
          && exchange.getAttribute("keepalive.waiting") != command;
    }
  }

  /** A request is about to be written with HTTP/1.1. */
  public static final class Sending {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.FieldValue("context") HttpCoreContext exchange,
        @Advice.Argument(0) HttpRequest request) {
      Object noted = exchange.getAttribute("keepalive.session");
      exchange.setAttribute("keepalive.waiting", null);
      if (!(noted instanceof ProtocolIOSession) || request.getMethod().equals("CONNECT")) {
        return;
      }
      ProtocolIOSession session = (ProtocolIOSession) noted;
      NamedEndpoint peer = session.getInitialEndpoint();
      TlsDetails tls = session.getTlsDetails();
      SSLSession secured = tls == null ? null : tls.getSSLSession();
      String host = peer.getHostName();
      int port = peer.getPort();
      // Through a tunnel, TLS is spoken with another than the first peer.
      if (secured != null && secured.getPeerHost() != null && secured.getPeerPort() > 0) {
        host = secured.getPeerHost();
        port = secured.getPeerPort();
      }
      String scheme = secured == null ? "http" : "https";
      KeepaliveHooks.opened(session, "apache-httpclient-5-async", scheme, host, port);
      if (exchange.getEndpointDetails().getRequestCount() == 0) {
        KeepaliveHooks.connected(session.channel(), scheme, host, port);
        if (secured != null) {
          KeepaliveHooks.secured(host, port, secured);
        }
      }
      int wait = KeepaliveHooks.readTimeoutMillis(session, -1);
      if (wait >= 0) {
        session.setSocketTimeout(Timeout.ofMilliseconds(wait));
      }
      if (HttpVersion.HTTP_1_0.equals(request.getVersion())
          && KeepaliveHooks.mustSendHttp11(session)) {
        request.setVersion(HttpVersion.HTTP_1_1);
      }
      Header parent = request.getFirstHeader("traceparent");
      if (parent == null) {
        parent = request.getFirstHeader("b3");
      }
      String traceparent = parent == null ? null : parent.getValue();
      Header traceId = traceparent == null ? request.getFirstHeader("X-B3-TraceId") : null;
      if (traceId != null) {
        Header spanId = request.getFirstHeader("X-B3-SpanId");
        Header sampled = request.getFirstHeader("X-B3-Sampled");
        Header flags = request.getFirstHeader("X-B3-Flags");
        traceparent =
            KeepaliveHooks.b3(
                traceId.getValue(),
                spanId == null ? null : spanId.getValue(),
                sampled == null ? null : sampled.getValue(),
                flags == null ? null : flags.getValue());
      }
      KeepaliveHooks.sending(
          session,
          exchange,
          request.getMethod(),
          traceparent,
          request.containsHeader("Idempotency-Key"));
    }
  }

  /** The head of a request is complete. */
  public static final class Headers {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.FieldValue("ioSession") ProtocolIOSession session,
        @Advice.Argument(0) HttpMessage head) {
      if (!(head instanceof HttpRequest)) {
        return;
      }
      if (!KeepaliveHooks.maySendAll(session)) {
        Header nominating = head.getFirstHeader("Connection");
        String nominated = nominating == null ? null : nominating.getValue();
        for (Header header : head.getHeaders()) {
          if (!KeepaliveHooks.maySend(session, header.getName(), header.getValue(), nominated)) {
            head.removeHeader(header);
          }
        }
      }
      String[] set = KeepaliveHooks.headersToSet(session);
      for (int i = 0; set != null && i + 1 < set.length; i += 2) {
        head.addHeader(set[i], set[i + 1]);
      }
    }
  }

  /** Bytes have arrived where a head is awaited, or their end has. */
  public static final class Responding {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static boolean enter(@Advice.FieldValue("inbuf") SessionInputBuffer arrived) {
      return arrived.length() > 0;
    }

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit(
        @Advice.Enter boolean begun,
        @Advice.FieldValue("ioSession") ProtocolIOSession session,
        @Advice.Argument(0) boolean ended,
        @Advice.Return HttpMessage head) {
      if (head instanceof HttpResponse && ((HttpResponse) head).getCode() >= 200) {
        Header said = head.getFirstHeader("Connection");
        Header keepAlive = head.getFirstHeader("Keep-Alive");
        KeepaliveHooks.responding(
            session,
            ((HttpResponse) head).getCode(),
            head.getVersion() != null && head.getVersion().lessEquals(HttpVersion.HTTP_1_0),
            said == null ? null : said.getValue(),
            keepAlive == null ? null : keepAlive.getValue());
      } else if (begun && head == null) {
        KeepaliveHooks.responseBegun(session);
      }
      if (ended) {
        KeepaliveHooks.closed(session, true);
      }
    }
  }

  /** A connection that may be reused is about to be released; one that is closed is not kept. */
  public static final class Park {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This HttpConnection connection, @Advice.FieldValue("ioSession") IOSession session) {
      if (connection.getProtocolVersion().lessEquals(HttpVersion.HTTP_1_1)
          && !KeepaliveHooks.mayPark(session)) {
        session.close(CloseMode.GRACEFUL);
      }
    }
  }

  /** The transport has failed, or nothing came in time. */
  public static final class Broken {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.FieldValue("ioSession") ProtocolIOSession session,
        @Advice.Argument(0) Exception cause) {
      KeepaliveHooks.closed(
          session, cause instanceof IOException && !(cause instanceof InterruptedIOException));
    }
  }

  /** The session is over, whoever ended it. */
  public static final class Closed {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(@Advice.FieldValue("ioSession") ProtocolIOSession session) {
      KeepaliveHooks.closed(session, false);
    }
  }
}
