package org.keepaliveagent.proxycore;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A server that does on each connection what a script says; its threads end with it. */
final class Origin implements AutoCloseable {
  /** What happens on one connection, which ends with it. */
  interface Script {
    /** Serves a connection; they are counted from 1. */
    void serve(int serial, Wire wire) throws Exception;
  }

  /** The next answer on a connection. */
  interface Answer {
    String to(int serial, Wire.Message request) throws Exception;
  }

  private final ServerSocket server;
  private final Script script;
  private final AtomicInteger accepted = new AtomicInteger();
  private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
  private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();

  private Origin(Script script) throws IOException {
    this.script = script;
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    run(this::accept);
  }

  static Origin scripted(Script script) throws IOException {
    return new Origin(script);
  }

  /** Answers every request on every connection. */
  static Origin answering(Answer answer) throws IOException {
    return new Origin(
        (serial, wire) -> {
          while (true) {
            wire.send(answer.to(serial, wire.message()));
          }
        });
  }

  /** Answers with the serial number of the connection. */
  static Origin counting() throws IOException {
    return answering((serial, request) -> ok("connection " + serial));
  }

  static String ok(String body) {
    return "HTTP/1.1 200 OK\nContent-Length: " + body.length() + "\n\n" + body;
  }

  int port() {
    return server.getLocalPort();
  }

  /** How many connections there have been. */
  int accepted() {
    return accepted.get();
  }

  private void run(Runnable task) {
    Thread thread = new Thread(task, "origin");
    threads.add(thread);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        sockets.add(socket);
        int serial = accepted.incrementAndGet();
        run(() -> serve(serial, socket));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void serve(int serial, Socket socket) {
    try (Wire wire = new Wire(socket)) {
      script.serve(serial, wire);
    } catch (Exception e) {
      // The connection has ended; the test sees it.
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    // The accepting thread is the first; after it there are no new ones.
    for (Thread thread : threads) {
      for (Socket socket : sockets) {
        socket.close();
      }
      thread.interrupt();
      join(thread);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
