package org.keepaliveagent.ittests;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An upstream that closes a connection which has been idle for some time, without a word about it
 * beforehand: with a FIN, with a reset, or three of four with a FIN. It counts how often it
 * executed each request.
 */
public final class IdleClosingUpstream implements Upstream {
  /** How it ends a connection. */
  public enum Ending {
    FIN,
    RESET,
    /** Three of four with a FIN, the fourth with a reset. */
    MIXED
  }

  private static final int FIRST_REQUEST_MILLIS = 10_000;
  private static final byte[] RESPONSE =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"
          .getBytes(US_ASCII);

  private final List<ServerSocket> listeners = new ArrayList<>();
  private final Ending ending;
  private volatile int idleMillis;
  private volatile @Nullable HttpText last;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();
  private final Map<String, AtomicInteger> executions = new ConcurrentHashMap<>();

  private IdleClosingUpstream(int idleMillis, Ending ending) {
    this.ending = ending;
    this.idleMillis = idleMillis;
  }

  static IdleClosingUpstream start(int idleMillis) throws IOException {
    return start(idleMillis, 1, Ending.MIXED);
  }

  /** One that listens on several ports and counts for all of them. */
  public static IdleClosingUpstream start(int idleMillis, int ports, Ending ending)
      throws IOException {
    IdleClosingUpstream upstream = new IdleClosingUpstream(idleMillis, ending);
    for (int i = 0; i < ports; i++) {
      ServerSocket listener = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
      upstream.listeners.add(listener);
      upstream.threads.execute(() -> upstream.accept(listener));
    }
    return upstream;
  }

  /** From each connection's next response on. */
  void closeAfter(int millis) {
    idleMillis = millis;
  }

  private void accept(ServerSocket listener) {
    try {
      while (true) {
        Socket socket = listener.accept();
        open.add(socket);
        int number = connections.incrementAndGet();
        threads.execute(() -> serve(socket, number));
      }
    } catch (IOException closed) {
      // the demo is over
    }
  }

  private void serve(Socket socket, int number) {
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      // As servers have it: the keep-alive time-out begins with the first response.
      socket.setSoTimeout(FIRST_REQUEST_MILLIS);
      while (true) {
        HttpText request = HttpText.readHead(in);
        if (request == null) {
          return;
        }
        socket.setSoTimeout(0);
        in.readNBytes(request.contentLength());
        last = request;
        executions.computeIfAbsent(id(request), id -> new AtomicInteger()).incrementAndGet();
        out.write(RESPONSE);
        socket.setSoTimeout(idleMillis);
      }
    } catch (SocketTimeoutException idle) {
      closeIdle(socket, number);
    } catch (IOException gone) {
      // the client went first
    } finally {
      open.remove(socket);
    }
  }

  private void closeIdle(Socket socket, int number) {
    try {
      boolean resets = ending == Ending.RESET || (ending == Ending.MIXED && number % 4 == 0);
      socket.setSoLinger(resets, 0);
      socket.close();
    } catch (IOException closed) {
      // nothing is left to close
    }
  }

  @Override
  public int port() {
    return listeners.get(0).getLocalPort();
  }

  @Override
  public List<Integer> ports() {
    return listeners.stream().map(ServerSocket::getLocalPort).toList();
  }

  /** The newest request, of any connection. */
  @Nullable HttpText last() {
    return last;
  }

  @Override
  public int connections() {
    return connections.get();
  }

  @Override
  public int executedTwice() {
    return executedTwice("");
  }

  @Override
  public int postsExecutedTwice() {
    return executedTwice("POST ");
  }

  private int executedTwice(String method) {
    return (int)
        executions.entrySet().stream()
            .filter(entry -> entry.getKey().startsWith(method) && entry.getValue().get() > 1)
            .count();
  }

  private static String id(HttpText request) {
    String line = request.firstLine();
    return line.substring(0, line.indexOf(' ') + 1) + request.header("x-request-id");
  }

  @Override
  public void close() throws IOException {
    for (ServerSocket listener : listeners) {
      listener.close();
    }
    for (Socket socket : open) {
      socket.close();
    }
    threads.shutdownNow();
  }
}
