package org.keepaliveagent.undertowproxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.Version;
import io.undertow.protocols.ssl.UndertowXnioSsl;
import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.proxy.LoadBalancingProxyClient;
import io.undertow.server.handlers.proxy.ProxyConnectionPool;
import io.undertow.server.handlers.proxy.ProxyHandler;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.conformance.ClientDriver;
import org.keepaliveagent.conformance.Reply;
import org.xnio.OptionMap;
import org.xnio.Xnio;
import org.xnio.ssl.XnioSsl;

/**
 * A proxy in this process, with one I/O thread and so one pool to an upstream, and a client of it
 * that uses each of its connections once. The proxy's own error page is its failure.
 */
public final class UndertowDriver implements ClientDriver {
  private static final Logger QUIET = Logger.getLogger("io.undertow");

  private final Undertow server;
  private final LoadBalancingProxyClient balancer;
  private final InetSocketAddress front;
  private final ConcurrentMap<Integer, CountDownLatch> ends = new ConcurrentHashMap<>();
  private volatile Map<String, String> lastHeaders = Map.of();
  private volatile Runnable beforehand = () -> {};

  /**
   * @param urls of the upstreams, with commas between them
   */
  public UndertowDriver(
      String urls, @Nullable SSLContext trust, int connections, int queue, boolean http2)
      throws IOException {
    QUIET.setLevel(Level.OFF);
    balancer =
        new LoadBalancingProxyClient()
            .setConnectionsPerThread(connections)
            .setSoftMaxConnectionsPerThread(connections)
            .setMaxQueueSize(queue);
    OptionMap options = OptionMap.create(UndertowOptions.ENABLE_HTTP2, http2);
    for (String url : urls.split(",", -1)) {
      SSLContext context = trust == null ? platform() : trust;
      XnioSsl ssl =
          url.startsWith("https:")
              ? new UndertowXnioSsl(Xnio.getInstance(), OptionMap.EMPTY, context)
              : null;
      balancer.addHost(URI.create(url), null, ssl, options);
    }
    server =
        Undertow.builder()
            .setIoThreads(1)
            .setWorkerThreads(1)
            .addHttpListener(0, "127.0.0.1")
            .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, -1L)
            .setHandler(
                saying(
                    ProxyHandler.builder()
                        .setProxyClient(balancer)
                        .setMaxRequestTime(READ_TIMEOUT)
                        .build()))
            .build();
    server.start();
    front = (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
  }

  /** Says when the proxy has done all it does after a response, the last of which are its books. */
  private HttpHandler saying(HttpHandler proxy) {
    return exchange -> {
      int client = exchange.getSourceAddress().getPort();
      exchange.addExchangeCompleteListener(
          (over, next) -> {
            next.proceed();
            ends.computeIfAbsent(client, any -> new CountDownLatch(1)).countDown();
          });
      beforehand.run();
      proxy.handleRequest(exchange);
    };
  }

  private static SSLContext platform() throws IOException {
    try {
      return SSLContext.getDefault();
    } catch (NoSuchAlgorithmException e) {
      throw new IOException(e);
    }
  }

  @Override
  public Reply send(String method, String body, Map<String, String> headers) throws IOException {
    try (Socket socket = new Socket(front.getAddress(), front.getPort())) {
      socket.setSoTimeout(READ_TIMEOUT + 5_000);
      StringBuilder head = new StringBuilder(method + " / HTTP/1.1\r\nHost: 127.0.0.1\r\n");
      headers.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
      if (body != null) {
        head.append("Content-Length: " + body.length() + "\r\n");
      }
      socket.getOutputStream().write((head + "\r\n").getBytes(ISO_8859_1));
      if (body != null) {
        socket.getOutputStream().write(body.getBytes(ISO_8859_1));
      }
      try {
        return read(new BufferedInputStream(socket.getInputStream()));
      } finally {
        awaitEnd(socket.getLocalPort());
      }
    }
  }

  /** The response is here before its connection is back in the pool. */
  private void awaitEnd(int client) throws IOException {
    try {
      ends.computeIfAbsent(client, any -> new CountDownLatch(1)).await(1, TimeUnit.SECONDS);
      ends.remove(client);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Override
  public Reply sendOnce(String method, String body, Map<String, String> headers)
      throws IOException {
    return send(method, body, headers);
  }

  private Reply read(InputStream in) throws IOException {
    int status = Integer.parseInt(line(in).split(" ", -1)[1]);
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      headers.put(line.substring(0, line.indexOf(':')), line.substring(line.indexOf(':') + 2));
    }
    lastHeaders = headers;
    if (headers.containsKey("Content-Length")) {
      int length = Integer.parseInt(headers.get("Content-Length"));
      if (in.readNBytes(length).length < length) {
        throw new IOException("the body ended early");
      }
    } else if ("chunked".equals(headers.get("Transfer-Encoding"))) {
      int size;
      do {
        size = Integer.parseInt(line(in), 16);
        in.readNBytes(size);
        while (size == 0 && !line(in).isEmpty()) {}
        if (size > 0) {
          line(in);
        }
      } while (size > 0);
    }
    if (!headers.containsKey("X-Connection")) {
      throw new IOException("the proxy answered " + status);
    }
    return new Reply(
        status,
        Integer.parseInt(headers.get("X-Connection")),
        Integer.parseInt(headers.get("X-Request")));
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("the proxy closed the connection after '" + line + "'");
      }
      line.append((char) c);
    }
    return line.toString().trim();
  }

  /** Connections to the first upstream that its pool counts, over all threads. */
  public int pooled() throws ReflectiveOperationException {
    Field hosts = LoadBalancingProxyClient.class.getDeclaredField("hosts");
    hosts.setAccessible(true);
    Object first = ((Object[]) hosts.get(balancer))[0];
    Field pool = first.getClass().getDeclaredField("connectionPool");
    pool.setAccessible(true);
    return ((ProxyConnectionPool) pool.get(first)).getOpenConnections();
  }

  /** What the I/O thread does before it looks for a connection. */
  public void beforehand(Runnable next) {
    beforehand = next;
  }

  /** The headers of the last response. */
  public Map<String, String> lastHeaders() {
    return lastHeaders;
  }

  @Override
  public String untested(String rule) {
    return switch (rule) {
      case "R3" -> "the proxy streams a request's body, and cannot send it again";
      case "H2" -> "the proxy sends HTTP/1.1 whatever the front speaks";
      case "R9" -> "the proxy passes every status on";
      case "L9" -> "the pool reads its limit when it is made, and has one for each I/O thread";
      case "T1 handshake" ->
          "the proxy sends before the handshake, and hears of a failed one as of any close";
      case "S1" -> "XNIO gives nobody the socket of a connection";
      case "S3" ->
          Version.getVersionString().startsWith("2.2.0.")
              ? "this version by itself names an address as if it were a name"
              : null;
      case "S2 connect", "S2 read", "S2 send" ->
          "XNIO has no time limit for this; the proxy has one for a whole request";
      default -> null;
    };
  }

  @Override
  public String sharesPool() {
    return "the proxy keeps connections for each I/O thread, of which it has several";
  }

  @Override
  public void close() {
    server.stop();
  }
}
