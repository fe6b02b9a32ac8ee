package org.keepaliveagent.undertowproxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** An upstream that does not close its side of a connection when the other side is closed. */
final class LingeringPeer implements AutoCloseable {
  private final ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final AtomicInteger left = new AtomicInteger();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  LingeringPeer() throws IOException {
    threads.execute(this::accept);
  }

  String url() {
    return "http://127.0.0.1:" + listener.getLocalPort() + "/";
  }

  /** Connections whose other side is closed. */
  int left() {
    return left.get();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        sockets.add(socket);
        int serial = sockets.size();
        threads.execute(() -> serve(socket, serial));
      }
    } catch (IOException closed) {
      // the test is over
    }
  }

  private void serve(Socket socket, int serial) {
    try {
      BufferedReader in =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
      int requests = 0;
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.isEmpty()) {
          String numbers = "X-Connection: " + serial + "\r\nX-Request: " + ++requests + "\r\n";
          String response = "HTTP/1.1 200 OK\r\n" + numbers + "Content-Length: 0\r\n\r\n";
          socket.getOutputStream().write(response.getBytes(ISO_8859_1));
        }
      }
      left.incrementAndGet();
    } catch (IOException closed) {
      // the test is over
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
    threads.shutdownNow();
  }
}
