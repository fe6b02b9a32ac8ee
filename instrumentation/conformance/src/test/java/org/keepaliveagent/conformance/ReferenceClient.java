package org.keepaliveagent.conformance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.hooks.KeepaliveHooks;
import org.keepaliveagent.hooks.KeepaliveSocket;

/**
 * A blocking HTTP/1.1 client with a pool, which asks the hooks itself: how the waist is meant to be
 * called, in one piece. What adapters do to a library from outside stands here where a library
 * would do it.
 *
 * <pre>
 * lease   mayReuse, (closed), mayLease   or   connected, secured, opened   or   unreached
 * write   maySendAll, maySend, headersToSet, sending
 * read    responding
 * park    mayPark
 * failure failed, mayRetry, closed
 * </pre>
 *
 * <p>A connection is a {@link Connection}; an exchange is a {@link Request}, which stays the same
 * when it is sent again.
 */
class ReferenceClient implements ClientDriver {
  static final String LIBRARY = "reference";

  private final String scheme;
  private final String host;
  private final int port;
  private final @Nullable SSLContext tls;
  private final Deque<Connection> parked = new ArrayDeque<>();
  private int active;

  ReferenceClient(String url, @Nullable SSLContext trust) throws IOException {
    URI origin = URI.create(url);
    scheme = origin.getScheme();
    host = origin.getHost();
    port = origin.getPort();
    try {
      tls = !scheme.equals("https") ? null : trust != null ? trust : SSLContext.getDefault();
    } catch (NoSuchAlgorithmException e) {
      throw new IOException(e);
    }
  }

  @Override
  public Reply send(String method, @Nullable String body, Map<String, String> headers)
      throws IOException {
    return exchange(new Request(method, false, headers, body, true));
  }

  @Override
  public Reply sendOnce(String method, String body, Map<String, String> headers)
      throws IOException {
    return exchange(new Request(method, false, headers, body, false));
  }

  @Override
  public Reply sendHttp10(String method, Map<String, String> headers) throws IOException {
    return exchange(new Request(method, true, headers, null, true));
  }

  private Reply exchange(Request request) throws IOException {
    enter();
    try {
      for (int attempts = 1; ; attempts++) {
        Response response = attempt(request);
        if (response != null && !mayRepeat(request, response, attempts)) {
          return response.reply();
        }
      }
    } finally {
      leave();
    }
  }

  /** Waits until fewer exchanges run than connections are allowed. */
  private synchronized void enter() throws IOException {
    try {
      while (active >= KeepaliveHooks.maxConnections(scheme, host, port, POOL)) {
        wait();
      }
      active++;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private synchronized void leave() {
    active--;
    notifyAll();
  }

  /** One try; null when it died and the request may go once more. */
  private @Nullable Response attempt(Request request) throws IOException {
    Connection connection = lease(request);
    try {
      connection.write(request);
      Response response = connection.read(request);
      if (mayPark(connection, response)) {
        park(connection);
      } else {
        connection.close();
      }
      return response;
    } catch (IOException e) {
      KeepaliveHooks.failed(request, e);
      boolean again = mayRetry(request);
      connection.close();
      if (again) {
        return null;
      }
      throw e;
    }
  }

  private Connection lease(Request request) throws IOException {
    if (KeepaliveHooks.mayReuse(request)) {
      for (Connection found = takeParked(); found != null; found = takeParked()) {
        // The agent may have come after it was parked.
        KeepaliveHooks.opened(found, LIBRARY, scheme, host, port);
        if (!KeepaliveSocket.isQuiet(found, found.raw, found.socket)) {
          KeepaliveHooks.closed(found, true);
        }
        if (mayLease(found, request)) {
          return found;
        }
        dispose(found);
      }
    }
    return connect(request);
  }

  private Connection connect(Request request) throws IOException {
    Socket raw = new Socket();
    try {
      raw.setTcpNoDelay(true);
      int timeout = KeepaliveHooks.connectTimeoutMillis(scheme, host, port, READ_TIMEOUT);
      raw.connect(new InetSocketAddress(host, port), timeout);
      KeepaliveHooks.connected(raw, scheme, host, port);
      Connection connection = new Connection(raw, tls == null ? raw : secure(raw, tls));
      KeepaliveHooks.opened(connection, LIBRARY, scheme, host, port);
      return connection;
    } catch (IOException e) {
      unreached(request, e);
      raw.close();
      throw e;
    }
  }

  /** No connection could be made for it. */
  void unreached(Request request, IOException cause) {
    String parent = request.header("traceparent");
    KeepaliveHooks.unreached(request, LIBRARY, scheme, host, port, request.method, parent, cause);
  }

  private SSLSocket secure(Socket raw, SSLContext context) throws IOException {
    raw.setSoTimeout(READ_TIMEOUT);
    SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(raw, host, port, true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    KeepaliveHooks.secured(host, port, socket.getSession());
    return socket;
  }

  /** The one that was parked last: it is the likeliest to be alive. */
  @Nullable Connection takeParked() {
    synchronized (parked) {
      return parked.pollLast();
    }
  }

  boolean mayLease(Connection connection, Request request) {
    return KeepaliveHooks.mayLease(connection, request.method);
  }

  /** Takes leave of a parked connection that may not be leased. */
  void dispose(Connection connection) throws IOException {
    connection.close();
  }

  boolean mayPark(Connection connection, Response response) {
    return response.isPersistent() && KeepaliveHooks.mayPark(connection, this);
  }

  void park(Connection connection) {
    synchronized (parked) {
      parked.addLast(connection);
    }
  }

  /** The agent's sweep says that the time of a parked connection is over. */
  void evict(Connection connection) throws IOException {
    synchronized (parked) {
      parked.remove(connection);
    }
    connection.close();
  }

  /** By itself this client sends nothing again, here and below. */
  boolean mayRetry(Request request) {
    return KeepaliveHooks.mayRetry(request, request.replayable && !request.answered, false);
  }

  private boolean mayRepeat(Request request, Response response, int attempts) {
    boolean key = request.header("Idempotency-Key") != null;
    int status = response.status();
    return request.replayable
        && KeepaliveHooks.mayRepeat(
            scheme, host, port, request.method, key, status, attempts, false);
  }

  boolean maySend(Connection connection, String name, String value, Request request) {
    return KeepaliveHooks.maySend(connection, name, value, request.header("Connection"));
  }

  @Override
  public boolean listensWhileIdle() {
    return false;
  }

  @Override
  public @Nullable String untested(String rule) {
    return rule.equals("S2 send") ? "a blocking socket has no time-out for writing" : null;
  }

  @Override
  public @Nullable String sharesPool() {
    return null;
  }

  @Override
  public void close() throws IOException {
    for (Connection left = takeParked(); left != null; left = takeParked()) {
      left.close();
    }
  }

  /** One transport, which nobody else uses while it is leased. */
  final class Connection {
    final Socket raw;
    final Socket socket;
    private final InputStream in;

    Connection(Socket raw, Socket socket) throws IOException {
      this.raw = raw;
      this.socket = socket;
      in = new BufferedInputStream(socket.getInputStream());
    }

    void write(Request request) throws IOException {
      request.answered = false;
      boolean http11 = !request.http10 || KeepaliveHooks.mustSendHttp11(this);
      StringBuilder head = new StringBuilder(request.method);
      head.append(" / HTTP/1.").append(http11 ? 1 : 0).append("\r\n");
      boolean all = KeepaliveHooks.maySendAll(this);
      head.append("Host: ").append(host).append(':').append(port).append("\r\n");
      request.headers.forEach(
          (name, value) -> {
            if (all || maySend(this, name, value, request)) {
              head.append(name).append(": ").append(value).append("\r\n");
            }
          });
      String[] set = KeepaliveHooks.headersToSet(this);
      for (int i = 0; set != null && i < set.length; i += 2) {
        head.append(set[i]).append(": ").append(set[i + 1]).append("\r\n");
      }
      boolean key = request.header("Idempotency-Key") != null;
      KeepaliveHooks.sending(this, request, request.method, request.header("traceparent"), key);
      OutputStream out = socket.getOutputStream();
      out.write((head + "\r\n" + request.body).getBytes(ISO_8859_1));
    }

    Response read(Request request) throws IOException {
      socket.setSoTimeout(KeepaliveHooks.readTimeoutMillis(this, READ_TIMEOUT));
      in.mark(1);
      request.answered = in.read() >= 0;
      in.reset();
      Response response = new Response(in);
      KeepaliveHooks.responding(
          this,
          response.status(),
          response.isHttp10(),
          response.header("Connection"),
          response.header("Keep-Alive"));
      response.readBody(in);
      return response;
    }

    void evict() throws IOException {
      ReferenceClient.this.evict(this);
    }

    void close() throws IOException {
      KeepaliveHooks.closed(this, false);
      socket.close();
    }
  }
}
