package org.keepaliveagent.ittests;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An upstream that counts what metrics claim. It ends the connection instead of answering a request
 * that says {@code x-die}, the first time that it hears of it and only on a connection that has
 * carried another; every so many requests it asks for the connection to be closed.
 */
final class CountingUpstream implements AutoCloseable {
  private static final int CLOSE_AFTER = 50;
  private static final byte[] RESPONSE =
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(US_ASCII);
  private static final byte[] LAST_RESPONSE =
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok".getBytes(US_ASCII);

  final AtomicLong connections = new AtomicLong();
  final AtomicLong requests = new AtomicLong();
  final AtomicLong killed = new AtomicLong();
  final AtomicLong killedPosts = new AtomicLong();
  final AtomicLong askedToClose = new AtomicLong();

  private final ServerSocket listener;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final Set<String> dead = ConcurrentHashMap.newKeySet();

  private CountingUpstream(ServerSocket listener) {
    this.listener = listener;
  }

  static CountingUpstream start() throws IOException {
    CountingUpstream upstream =
        new CountingUpstream(new ServerSocket(0, 256, InetAddress.getLoopbackAddress()));
    upstream.threads.execute(upstream::accept);
    return upstream;
  }

  int port() {
    return listener.getLocalPort();
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
      // the test is over
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      for (int number = 1; ; number++) {
        HttpText request = HttpText.readHead(in);
        if (request == null) {
          return;
        }
        in.readNBytes(request.contentLength());
        requests.incrementAndGet();
        String die = request.header("x-die");
        if (!die.isEmpty() && number > 1 && dead.add(die)) {
          killed.incrementAndGet();
          killedPosts.addAndGet(die.startsWith("POST") ? 1 : 0);
          return;
        }
        if (number == CLOSE_AFTER) {
          askedToClose.incrementAndGet();
          socket.getOutputStream().write(LAST_RESPONSE);
          return;
        }
        socket.getOutputStream().write(RESPONSE);
      }
    } catch (IOException gone) {
      // the client went first
    } finally {
      open.remove(socket);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : open) {
      socket.close();
    }
    threads.shutdownNow();
  }
}
