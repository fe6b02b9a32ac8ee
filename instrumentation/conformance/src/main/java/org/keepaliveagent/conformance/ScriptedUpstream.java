package org.keepaliveagent.conformance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An upstream on real sockets that numbers its connections and the requests on each, says both
 * numbers in its responses, counts what it executes, and misbehaves on cue.
 */
public final class ScriptedUpstream implements AutoCloseable {
  /** Decides by the serial numbers of connection and request, both from 1. */
  public interface Script {
    Cue cue(int connection, int request);
  }

  private final ServerSocket listener;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Served> connections = new CopyOnWriteArrayList<>();
  private final Map<String, AtomicInteger> executions = new ConcurrentHashMap<>();
  private final List<String> heads = new CopyOnWriteArrayList<>();
  private volatile Script script = (connection, request) -> Cue.ANSWER;
  private volatile List<String> responseHeaders = List.of();
  private volatile CyclicBarrier together = new CyclicBarrier(1);
  private final Semaphore turns = new Semaphore(0);

  private ScriptedUpstream(ServerSocket listener) {
    this.listener = listener;
  }

  public static ScriptedUpstream start() throws IOException {
    return on(new ServerSocket(0, 128, InetAddress.getLoopbackAddress()));
  }

  /** On a listener of the caller's making, for example one that speaks TLS; closes it. */
  public static ScriptedUpstream on(ServerSocket listener) {
    ScriptedUpstream upstream = new ScriptedUpstream(listener);
    upstream.threads.execute(upstream::accept);
    return upstream;
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** What happens from now on. */
  public void script(Script next) {
    script = next;
  }

  /** Lines that every response carries from now on, for example {@code Keep-Alive: timeout=5}. */
  public void respondWith(String... headers) {
    responseHeaders = List.of(headers);
  }

  /** How many requests {@link Cue#ANSWER_TOGETHER} and its like wait for. */
  public void together(int requests) {
    together = new CyclicBarrier(requests);
  }

  /** Lets one request that waits with {@link Cue#ANSWER_IN_TURN} have its answer. */
  public void nextTurn() {
    turns.release();
  }

  /** Connections accepted so far. */
  public int accepted() {
    return connections.size();
  }

  /** Connections that neither side has closed. */
  public int open() {
    return (int) connections.stream().filter(served -> !served.over).count();
  }

  /** Requests read so far, executed or not. */
  public int requests() {
    return heads.size();
  }

  /** The heads of all requests so far, verbatim. */
  public List<String> heads() {
    return heads;
  }

  /** The most often that any one request, by its {@code X-Request-Id}, was executed. */
  public int mostExecutions() {
    return executions.values().stream().mapToInt(AtomicInteger::get).max().orElse(0);
  }

  /** Ends all open connections now: with a reset, or with a FIN. */
  public void closeIdle(boolean reset) throws IOException {
    for (Served served : connections) {
      if (!served.over) {
        served.socket.setSoLinger(reset, 0);
        served.socket.close();
      }
    }
  }

  /** Sends bytes that nobody asked for on all open connections. */
  public void sendStrayBytes() throws IOException {
    for (Served served : connections) {
      if (!served.over) {
        served.socket.getOutputStream().write("stray\r\n\r\n".getBytes(ISO_8859_1));
      }
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        socket.setTcpNoDelay(true);
        Served served = new Served(socket, connections.size() + 1);
        connections.add(served);
        threads.execute(served);
      }
    } catch (IOException closed) {
      // the test is over
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Served served : connections) {
      served.socket.close();
    }
    threads.shutdownNow();
  }

  /** One connection. */
  private final class Served implements Runnable {
    final Socket socket;
    final int serial;
    volatile boolean over;

    Served(Socket socket, int serial) {
      this.socket = socket;
      this.serial = serial;
    }

    @Override
    public void run() {
      try (socket) {
        InputStream in = new BufferedInputStream(socket.getInputStream());
        for (int request = 1; serve(in, request); request++) {}
      } catch (IOException gone) {
        // the client closed it, or the test did
      } catch (Exception interrupted) {
        Thread.currentThread().interrupt();
      } finally {
        over = true;
      }
    }

    private boolean serve(InputStream in, int request) throws Exception {
      String head = readHead(in);
      if (head == null) {
        return false;
      }
      heads.add(head);
      Cue cue = script.cue(serial, request);
      if (cue == Cue.RESET_BEFORE_BODY) {
        socket.setSoLinger(true, 0);
        return false;
      }
      String length = header(head, "content-length");
      in.readNBytes(length == null ? 0 : Integer.parseInt(length));
      if (cue == Cue.RESET || cue == Cue.CLOSE) {
        socket.setSoLinger(cue == Cue.RESET, 0);
        return false;
      }
      String id = header(head, "x-request-id");
      executions.computeIfAbsent(String.valueOf(id), x -> new AtomicInteger()).incrementAndGet();
      if (cue == Cue.ANSWER_TOGETHER || cue == Cue.ANSWER_IN_TURN) {
        together.await(10, TimeUnit.SECONDS);
      }
      if (cue == Cue.ANSWER_IN_TURN) {
        turns.acquire();
      }
      if (cue == Cue.ANSWER_IN_PART) {
        socket.getOutputStream().write("HTT".getBytes(ISO_8859_1));
        return false;
      }
      boolean framed = cue != Cue.ANSWER_UNFRAMED;
      List<String> lines = new ArrayList<>();
      lines.add((cue == Cue.ANSWER_HTTP_1_0 ? "HTTP/1.0" : "HTTP/1.1") + " 200 OK");
      lines.add("X-Connection: " + serial);
      lines.add("X-Request: " + request);
      if (framed) {
        lines.add("Content-Length: 2");
      }
      lines.addAll(responseHeaders);
      socket
          .getOutputStream()
          .write((String.join("\r\n", lines) + "\r\n\r\nok").getBytes(ISO_8859_1));
      return framed;
    }
  }

  private static @Nullable String readHead(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
      int c = in.read();
      if (c < 0) {
        return null;
      }
      head.append((char) c);
    }
    return head.toString();
  }

  private static @Nullable String header(String head, String lowerCaseName) {
    return head.lines()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(lowerCaseName + ":"))
        .map(line -> line.substring(lowerCaseName.length() + 1).trim())
        .findFirst()
        .orElse(null);
  }
}
