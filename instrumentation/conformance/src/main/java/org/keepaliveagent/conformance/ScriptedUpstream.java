package org.keepaliveagent.conformance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
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

  private static final Set<Cue> BEFORE_BODY =
      EnumSet.of(
          Cue.RESET_BEFORE_BODY,
          Cue.STALL_BEFORE_BODY,
          Cue.ANSWER_EARLY,
          Cue.ANSWER_EARLY_AND_STAY);

  /** How long what must come about may take; a test of the rules themselves waits less. */
  static volatile int patienceSeconds = 10;

  private final ServerSocket listener;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Served> connections = new CopyOnWriteArrayList<>();
  private final Map<String, AtomicInteger> executions = new ConcurrentHashMap<>();
  private final List<String> heads = new CopyOnWriteArrayList<>();
  private volatile Script script = (connection, request) -> Cue.ANSWER;
  private volatile List<String> responseHeaders = List.of();
  private volatile CyclicBarrier together = new CyclicBarrier(1);
  private final Semaphore stalled = new Semaphore(0);
  private final Semaphore turns = new Semaphore(0);
  private final Map<String, Set<String>> answers = new ConcurrentHashMap<>();
  private final AtomicInteger atATime = new AtomicInteger();
  private final AtomicInteger mostAtATime = new AtomicInteger();
  private final String scheme;
  private volatile int status = 200;

  private ScriptedUpstream(ServerSocket listener, String scheme) {
    this.listener = listener;
    this.scheme = scheme;
  }

  public static ScriptedUpstream start() throws IOException {
    return start(null);
  }

  /** On a port of its own, plain or with TLS. */
  public static ScriptedUpstream start(@Nullable SSLContext tls) throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    ScriptedUpstream upstream =
        tls == null
            ? new ScriptedUpstream(new ServerSocket(0, 128, loopback), "http")
            : new ScriptedUpstream(
                tls.getServerSocketFactory().createServerSocket(0, 128, loopback), "https");
    upstream.threads.execute(upstream::accept);
    return upstream;
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** Where it is, by address. */
  public String url() {
    return url("127.0.0.1");
  }

  /** Where it is, by a name or an address of it. */
  public String url(String host) {
    return scheme + "://" + host + ":" + port() + "/";
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

  /** What {@link Cue#ANSWER_STATUS} answers. */
  public void status(int next) {
    status = next;
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

  /**
   * Those of them that have carried a request. A pool may open more than it needs, and no rule
   * speaks of one that was never leased.
   */
  public int openAndUsed() {
    return used().size();
  }

  private List<Served> used() {
    return connections.stream().filter(served -> served.heard && !served.over).toList();
  }

  /** Whether neither side has closed the connection of this number, from 1. */
  public boolean isOpen(int connection) {
    return !connections.get(connection - 1).over;
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

  /** How often a request of this {@code X-Request-Id} was executed. */
  public int executions(String id) {
    AtomicInteger count = executions.get(id);
    return count == null ? 0 : count.get();
  }

  /** Whether this is an answer that a request of this {@code X-Request-Id} was given. */
  public boolean gave(String id, Reply reply) {
    Set<String> given = answers.get(id);
    return given != null && given.contains(reply.connection() + "/" + reply.request());
  }

  /** The most requests that were in progress at one time. */
  public int mostAtATime() {
    return mostAtATime.get();
  }

  /**
   * The names that the client asked for in the TLS handshake of the connection with this serial.
   */
  public List<String> serverNames(int serial) {
    SSLSession session = ((SSLSocket) connections.get(serial - 1).socket).getSession();
    List<String> names = new ArrayList<>();
    for (SNIServerName name : ((ExtendedSSLSession) session).getRequestedServerNames()) {
      names.add(new String(name.getEncoded(), ISO_8859_1));
    }
    return names;
  }

  /** The client's port of the connection with this serial. */
  public int clientPort(int serial) {
    return connections.get(serial - 1).socket.getPort();
  }

  /**
   * Ends one open connection now, if there are any, whatever it is at; but for one that has not
   * carried a request: where handshakes are slow, none would ever end.
   */
  public void closeAny(Random choice, boolean reset) throws IOException {
    List<Served> open = used();
    if (!open.isEmpty()) {
      try (Socket socket = open.get(choice.nextInt(open.size())).socket) {
        socket.setSoLinger(reset, 0);
      } catch (SocketException closed) {
        // it ended just now
      }
    }
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
    volatile boolean heard;
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
      heard = true;
      int now = atATime.incrementAndGet();
      mostAtATime.accumulateAndGet(now, Math::max);
      try {
        return serve(in, head, request);
      } finally {
        atATime.decrementAndGet();
      }
    }

    private boolean serve(InputStream in, String head, int request) throws Exception {
      Cue cue = script.cue(serial, request);
      String length = header(head, "content-length");
      if (!BEFORE_BODY.contains(cue)) {
        readBody(in, head, length);
      }
      switch (cue) {
        case RESET, RESET_BEFORE_BODY -> {
          socket.setSoLinger(true, 0);
          return false;
        }
        case CLOSE -> {
          return false;
        }
        case STALL -> {
          in.read();
          return false;
        }
        case STALL_BEFORE_BODY -> {
          stalled.acquire();
          return false;
        }
        default -> {
          String id = String.valueOf(header(head, "x-request-id"));
          executions.computeIfAbsent(id, x -> new AtomicInteger()).incrementAndGet();
          return cue != Cue.EXECUTE_AND_CLOSE && answer(cue, id, request);
        }
      }
    }

    private void readBody(InputStream in, String head, @Nullable String length) throws IOException {
      if (length != null) {
        in.readNBytes(Integer.parseInt(length));
      } else if ("chunked".equalsIgnoreCase(header(head, "transfer-encoding"))) {
        int size;
        do {
          size = Integer.parseInt(readLine(in).trim(), 16);
          in.readNBytes(size + 2);
        } while (size > 0);
      }
    }

    private boolean answer(Cue cue, String id, int request) throws Exception {
      if (cue == Cue.ANSWER_TOGETHER || cue == Cue.ANSWER_IN_TURN) {
        together.await(patienceSeconds, TimeUnit.SECONDS);
      }
      if (cue == Cue.ANSWER_IN_TURN) {
        turns.acquire();
      }
      if (cue == Cue.ANSWER_LATER) {
        Thread.sleep(20);
      }
      if (cue == Cue.ANSWER_IN_PART) {
        write("HTT");
        return false;
      }
      answers.computeIfAbsent(id, x -> ConcurrentHashMap.newKeySet()).add(serial + "/" + request);
      int code = cue == Cue.ANSWER_STATUS ? status : 200;
      List<String> lines = new ArrayList<>();
      lines.add((cue == Cue.ANSWER_HTTP_1_0 ? "HTTP/1.0 " : "HTTP/1.1 ") + code + " As asked");
      lines.add("X-Connection: " + serial);
      lines.add("X-Request: " + request);
      if (cue == Cue.ANSWER_CHUNKED) {
        lines.add("Transfer-Encoding: chunked");
      } else if (cue != Cue.ANSWER_UNFRAMED) {
        lines.add("Content-Length: " + (cue == Cue.ANSWER_HALF_BODY ? 4 : 2));
      }
      if (cue == Cue.ANSWER_BAD_HEADER) {
        lines.add("X-\0: 1");
      }
      lines.addAll(responseHeaders);
      write(
          String.join("\r\n", lines)
              + "\r\n\r\n"
              + (cue == Cue.ANSWER_CHUNKED ? "2\r\nok\r\n0\r\nX-Trailer: 1\r\n\r\n" : "ok"));
      return cue != Cue.ANSWER_UNFRAMED && cue != Cue.ANSWER_HALF_BODY && cue != Cue.ANSWER_EARLY;
    }

    private void write(String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    }
  }

  private static String readLine(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("a line that does not end");
      }
      line.append((char) c);
    }
    return line.toString();
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
