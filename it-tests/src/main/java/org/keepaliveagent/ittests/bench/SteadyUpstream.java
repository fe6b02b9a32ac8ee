package org.keepaliveagent.ittests.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.keepaliveagent.ittests.HttpText;

/**
 * An upstream that answers at once, always the same, and never closes a connection; but resets one
 * that has carried a request before, when it gets a request for {@code /stale} on it.
 */
final class SteadyUpstream implements AutoCloseable {
  private static final byte[] RESPONSE =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"
          .getBytes(US_ASCII);

  private final ServerSocket listener;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger stalePosts = new AtomicInteger();
  private volatile String traceparent = "";
  private volatile CountDownLatch missing = new CountDownLatch(0);

  private SteadyUpstream(ServerSocket listener) {
    this.listener = listener;
  }

  static SteadyUpstream start() throws IOException {
    SteadyUpstream upstream =
        new SteadyUpstream(new ServerSocket(0, 1024, InetAddress.getLoopbackAddress()));
    upstream.threads.execute(upstream::accept);
    return upstream;
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Connections that the other side has not closed. */
  int open() {
    return open.size();
  }

  /** Answers nothing from now on until so many requests wait for their answers. */
  void holdUntil(int requests) {
    missing = new CountDownLatch(requests);
  }

  /** Connections accepted. */
  int connections() {
    return connections.get();
  }

  /** POST requests for {@code /stale} that came in, answered or not. */
  int stalePosts() {
    return stalePosts.get();
  }

  /** What the last request said of its trace. */
  String traceparent() {
    return traceparent;
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        open.add(socket);
        connections.incrementAndGet();
        threads.execute(() -> serve(socket));
      }
    } catch (IOException closed) {
      // the bench is over
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      boolean reused = false;
      for (HttpText head = HttpText.readHead(in); head != null; head = HttpText.readHead(in)) {
        in.readNBytes(head.contentLength());
        boolean stale = head.firstLine().contains(" /stale ");
        if (stale && head.firstLine().startsWith("POST")) {
          stalePosts.incrementAndGet();
        }
        if (stale && reused) {
          socket.setSoLinger(true, 0);
          return;
        }
        reused = true;
        traceparent = head.header("traceparent");
        missing.countDown();
        missing.await();
        socket.getOutputStream().write(RESPONSE);
      }
    } catch (IOException | InterruptedException gone) {
      // the client went first, or the bench is over
    } finally {
      open.remove(socket);
    }
  }

  /** Closes every connection that is open, and goes on. */
  void closeConnections() throws IOException {
    for (Socket socket : open) {
      socket.close();
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    closeConnections();
    threads.shutdownNow();
  }
}
