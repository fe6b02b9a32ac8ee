package org.keepaliveagent.ittests.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.keepaliveagent.ittests.HttpText;

/**
 * An upstream that answers most requests and does something else with every sixth: what, it decides
 * by a seed and the serial numbers of the connection and of the request on it. It counts how often
 * each request was executed, and says its id in the answer.
 */
final class ChaosUpstream implements AutoCloseable {
  /** What it does with a request. */
  enum Whim {
    ANSWER,
    /** Executes it not, and closes. */
    FIN,
    /** Executes it not, and resets. */
    RESET,
    /** Executes it, and closes without an answer. */
    EXECUTE_AND_FIN,
    /** Answers, ends its own direction, and executes what still comes in. */
    HALF_CLOSE,
    /** Executes it, and is silent for longer than anybody waits. */
    STALL,
    /** Answers a byte at a time. */
    SLOW,
    /** Answers before it has read the body, and closes. */
    EARLY,
    /** Answers something that is no HTTP. */
    GARBAGE,
    /** Answers half of what it announces, and closes. */
    HALF_BODY
  }

  private static final int IN_A_HUNDRED = 2;
  private static final int CLOSING_IN_A_HUNDRED = 20;
  private static final int MOST_IDLE_MILLIS = 200;
  private static final int KEEPS_MILLIS = 30_000;
  private static final int STALL_MILLIS = 4000;

  private final long seed;
  private volatile ServerSocket listener;
  private volatile boolean calm;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();
  private final Map<String, AtomicInteger> executions = new ConcurrentHashMap<>();
  private final Map<Whim, AtomicInteger> whims = new ConcurrentHashMap<>();

  private ChaosUpstream(long seed, ServerSocket listener) {
    this.seed = seed;
    this.listener = listener;
  }

  static ChaosUpstream start(long seed) throws IOException {
    ChaosUpstream upstream =
        new ChaosUpstream(seed, new ServerSocket(0, 256, InetAddress.getLoopbackAddress()));
    upstream.threads.execute(upstream::accept);
    return upstream;
  }

  int port() {
    return listener.getLocalPort();
  }

  /** From now on it answers everything and keeps its connections. */
  void calm() {
    calm = true;
  }

  /** Connections that neither side has closed. */
  int open() {
    return open.size();
  }

  int connections() {
    return connections.get();
  }

  /** Requests that were executed, by their ids. */
  int executed() {
    return executions.size();
  }

  /** Requests of this method that were executed more than once. */
  long executedTwice(String method) {
    return executions.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(method) && entry.getValue().get() > 1)
        .count();
  }

  /** How often it did what. */
  int did(Whim whim) {
    AtomicInteger count = whims.get(whim);
    return count == null ? 0 : count.get();
  }

  /** Nobody listens for this long: who connects is refused. */
  void refuse(long millis) throws IOException, InterruptedException {
    int port = port();
    listener.close();
    TimeUnit.MILLISECONDS.sleep(millis);
    listener = new ServerSocket(port, 256, InetAddress.getLoopbackAddress());
    threads.execute(this::accept);
  }

  private void accept() {
    try (ServerSocket accepting = listener) {
      while (true) {
        Socket socket = accepting.accept();
        open.add(socket);
        int number = connections.incrementAndGet();
        threads.execute(() -> serve(socket, number));
      }
    } catch (IOException closed) {
      // it refuses for a while, or is over
    }
  }

  private void serve(Socket socket, int number) {
    Random random = new Random(seed ^ number * 1_000_003L);
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      boolean again = true;
      while (again) {
        HttpText request = HttpText.readHead(in);
        again = request != null && serve(socket, in, request, random);
        boolean closing = !calm && random.nextInt(100) < CLOSING_IN_A_HUNDRED;
        socket.setSoTimeout(closing ? 1 + random.nextInt(MOST_IDLE_MILLIS) : KEEPS_MILLIS);
      }
    } catch (SocketTimeoutException idle) {
      end(socket, random.nextBoolean());
    } catch (IOException gone) {
      // the client went first
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(socket);
    }
  }

  private static void end(Socket socket, boolean reset) {
    try {
      socket.setSoLinger(reset, 0);
      socket.close();
    } catch (IOException closed) {
      // nothing is left to close
    }
  }

  /** Whether the connection goes on. */
  private boolean serve(Socket socket, InputStream in, HttpText request, Random random)
      throws IOException, InterruptedException {
    Whim whim = whim(random);
    whims.computeIfAbsent(whim, key -> new AtomicInteger()).incrementAndGet();
    if (whim != Whim.EARLY) {
      request.skipBody(in);
    }
    if (whim == Whim.FIN || whim == Whim.RESET) {
      socket.setSoLinger(whim == Whim.RESET, 0);
      return false;
    }
    String id = execute(request);
    String answer = "HTTP/1.1 200 OK\r\nX-Request-Id: " + id + "\r\nContent-Length: 2\r\n\r\nok";
    switch (whim) {
      case STALL -> TimeUnit.MILLISECONDS.sleep(STALL_MILLIS);
      case SLOW -> {
        for (int i = 0; i < answer.length(); i++) {
          write(socket, answer.substring(i, i + 1));
          TimeUnit.MILLISECONDS.sleep(1);
        }
      }
      case GARBAGE -> write(socket, "\u0016\u0003 no HTTP at all\r\n\r\n");
      case HALF_BODY -> write(socket, answer.replace("Length: 2", "Length: 4"));
      case HALF_CLOSE -> {
        write(socket, answer);
        socket.shutdownOutput();
        executeTheRest(socket, in);
      }
      case ANSWER, EARLY -> write(socket, answer);
      default -> {}
    }
    return whim == Whim.ANSWER || whim == Whim.SLOW;
  }

  private Whim whim(Random random) {
    int chance = random.nextInt(100);
    Whim[] all = Whim.values();
    int which = 1 + chance / IN_A_HUNDRED;
    return calm || which >= all.length ? Whim.ANSWER : all[which];
  }

  private void executeTheRest(Socket socket, InputStream in) throws IOException {
    socket.setSoTimeout(MOST_IDLE_MILLIS);
    for (HttpText next = HttpText.readHead(in); next != null; next = HttpText.readHead(in)) {
      next.skipBody(in);
      execute(next);
    }
  }

  private String execute(HttpText request) {
    String id = request.header("x-request-id");
    executions.computeIfAbsent(id, key -> new AtomicInteger()).incrementAndGet();
    return id;
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(ISO_8859_1));
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
