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

/** An upstream with one bad habit. */
final class FickleOrigin implements AutoCloseable {
  /** What it does besides answering. */
  enum Habit {
    NONE,
    /** Says {@code Connection: close}. */
    CLOSES,
    /** Says {@code Keep-Alive: timeout=5}. */
    ADVERTISES,
    /** Takes 20 ms for each answer. */
    SLOW,
    /** Resets a connection when it has read its second request. */
    RESETS,
    /** Never answers the second request of a connection. */
    SILENT
  }

  private final ServerSocket listener;
  private final Habit habit;
  private final List<String> executed = new CopyOnWriteArrayList<>();
  private int open;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  FickleOrigin(ServerSocket listener, Habit habit) {
    this.listener = listener;
    this.habit = habit;
    start(this::accept, "fickle-origin");
  }

  private static void start(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  /** On loopback, resetting each connection at its second request. */
  static FickleOrigin start() throws IOException {
    return start(Habit.RESETS);
  }

  /** On loopback. */
  static FickleOrigin start(Habit habit) throws IOException {
    return new FickleOrigin(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), habit);
  }

  /** The request lines that were answered. */
  List<String> executed() {
    return executed;
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Connections that the other side has not closed yet. */
  synchronized int open() {
    return open;
  }

  private synchronized void count(int more) {
    open += more;
    notifyAll();
  }

  /** Waits, for at most ten seconds, until so many connections are open. */
  synchronized void awaitOpen(int wanted) throws InterruptedException {
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (open != wanted) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new AssertionError(open + " connections are open, not " + wanted);
      }
      wait(left);
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        sockets.add(socket);
        count(1);
        start(() -> serve(socket), "fickle-connection");
      }
    } catch (IOException closed) {
      // the end
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      boolean first = true;
      for (HttpText head = HttpText.readHead(in); head != null; head = HttpText.readHead(in)) {
        in.readNBytes(head.contentLength());
        if (!first && habit == Habit.RESETS) {
          socket.setSoLinger(true, 0);
          return;
        }
        if (!first && habit == Habit.SILENT) {
          in.read();
          return;
        }
        executed.add(head.firstLine());
        answer(socket);
        first = false;
      }
    } catch (IOException | InterruptedException gone) {
      // the client went first
    } finally {
      count(-1);
    }
  }

  private void answer(Socket socket) throws IOException, InterruptedException {
    if (habit == Habit.SLOW) {
      Thread.sleep(20);
    }
    String header =
        switch (habit) {
          case CLOSES -> "Connection: close\r\n";
          case ADVERTISES -> "Keep-Alive: timeout=5\r\n";
          default -> "";
        };
    String response = "HTTP/1.1 200 OK\r\n" + header + "Content-Length: 2\r\n\r\nok";
    socket.getOutputStream().write(response.getBytes(US_ASCII));
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
