package org.keepaliveagent.ittests;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * An upstream that answers the first request of each connection and resets the connection when it
 * has read the second: every reused connection is stale.
 */
final class FickleOrigin implements AutoCloseable {
  private final ServerSocket listener;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final List<String> executed = new CopyOnWriteArrayList<>();

  private FickleOrigin(ServerSocket listener) {
    this.listener = listener;
  }

  static FickleOrigin start() throws IOException {
    FickleOrigin origin =
        new FickleOrigin(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
    Thread acceptor = new Thread(origin::accept, "fickle-origin");
    acceptor.setDaemon(true);
    acceptor.start();
    return origin;
  }

  int port() {
    return listener.getLocalPort();
  }

  /** The request lines that were answered. */
  List<String> executed() {
    return executed;
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        sockets.add(socket);
        Thread thread = new Thread(() -> serve(socket), "fickle-connection");
        thread.setDaemon(true);
        thread.start();
      }
    } catch (IOException closed) {
      // the test is over
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      String first = readRequest(in);
      if (first == null) {
        return;
      }
      executed.add(first);
      socket
          .getOutputStream()
          .write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(US_ASCII));
      readRequest(in);
      socket.setSoLinger(true, 0);
    } catch (IOException gone) {
      // the client went first
    }
  }

  private static @Nullable String readRequest(InputStream in) throws IOException {
    HttpText head = HttpText.readHead(in);
    if (head == null) {
      return null;
    }
    in.readNBytes(head.contentLength());
    return head.firstLine();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
