package org.keepaliveagent.ittests;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The load that meets the keepalive race: all client connections send at once, wait for all
 * answers, fall silent for about the upstream's idle time-out, and go again. After a burst the
 * proxy's pool holds connections whose idle times all end within the same few milliseconds.
 *
 * <p>The same seed gives the same methods and gaps.
 */
public final class BurstLoad {
  /** What the clients saw. */
  public record Seen(
      int requests, int gets, int failedGet, int failedPost, double p50Millis, double p99Millis) {}

  private final int port;
  private final int gapMillis;
  private final int jitterMillis;
  private final Random gaps;
  private final long deadline;
  private int burstsLeft;
  private final CyclicBarrier burst;
  private final List<Client> clients = new ArrayList<>();
  private volatile long next;

  private BurstLoad(
      int port,
      int connections,
      int gapMillis,
      int jitterMillis,
      Duration length,
      int bursts,
      long seed) {
    this.port = port;
    this.gapMillis = gapMillis;
    this.jitterMillis = jitterMillis;
    this.gaps = new Random(seed);
    this.deadline = System.nanoTime() + length.toNanos();
    this.burstsLeft = bursts;
    this.burst = new CyclicBarrier(connections, this::plan);
    for (int i = 0; i < connections; i++) {
      clients.add(new Client(seed * 1000 + i));
    }
  }

  /** Runs for about this long. */
  public static Seen run(
      int port, int connections, int gapMillis, int jitterMillis, Duration length, long seed)
      throws InterruptedException {
    return run(
        new BurstLoad(port, connections, gapMillis, jitterMillis, length, Integer.MAX_VALUE, seed));
  }

  /** Runs for so many bursts, but no longer than ten minutes. */
  public static Seen bursts(
      int port, int connections, int gapMillis, int jitterMillis, int bursts, long seed)
      throws InterruptedException {
    Duration length = Duration.ofMinutes(10);
    return run(new BurstLoad(port, connections, gapMillis, jitterMillis, length, bursts, seed));
  }

  private static Seen run(BurstLoad load) throws InterruptedException {
    load.clients.forEach(Thread::start);
    for (Client client : load.clients) {
      client.join();
    }
    return load.seen();
  }

  private void plan() {
    double gap = gapMillis + (gaps.nextDouble() * 2 - 1) * jitterMillis;
    next = burstsLeft-- > 0 ? System.nanoTime() + (long) (gap * 1e6) : Long.MAX_VALUE;
  }

  private Seen seen() {
    List<Long> latencies = new ArrayList<>();
    int requests = 0;
    int gets = 0;
    int failedGet = 0;
    int failedPost = 0;
    for (Client client : clients) {
      requests += client.requests;
      gets += client.gets;
      failedGet += client.failedGet;
      failedPost += client.failedPost;
      latencies.addAll(client.latencies);
    }
    latencies.sort(null);
    return new Seen(
        requests, gets, failedGet, failedPost, millis(latencies, 0.50), millis(latencies, 0.99));
  }

  private static double millis(List<Long> sorted, double share) {
    return sorted.isEmpty() ? 0 : sorted.get((int) (sorted.size() * share)) / 1e6;
  }

  /** One client connection. */
  private final class Client extends Thread {
    private final Random random;
    private final long seed;
    private final List<Long> latencies = new ArrayList<>();
    private int requests;
    private int gets;
    private int failedGet;
    private int failedPost;
    private @Nullable Socket socket;
    private @Nullable InputStream in;

    Client(long seed) {
      super("load-" + seed);
      setDaemon(true);
      this.seed = seed;
      random = new Random(seed);
    }

    @Override
    public void run() {
      try {
        while (true) {
          burst.await();
          long at = next;
          if (at > deadline) {
            return;
          }
          for (long left = at - System.nanoTime(); left > 0; left = at - System.nanoTime()) {
            LockSupport.parkNanos(left);
          }
          request();
        }
      } catch (InterruptedException | BrokenBarrierException ended) {
        // another client could not go on
      } finally {
        disconnect();
      }
    }

    private void request() {
      boolean post = random.nextBoolean();
      gets += post ? 0 : 1;
      String id = seed + "-" + requests++;
      long start = System.nanoTime();
      if (isAnswered(post, id)) {
        latencies.add(System.nanoTime() - start);
      } else if (post) {
        failedPost++;
      } else {
        failedGet++;
      }
    }

    private boolean isAnswered(boolean post, String id) {
      String head =
          (post ? "POST" : "GET") + " /orders HTTP/1.1\r\nHost: demo\r\nX-Request-Id: " + id;
      String request = head + (post ? "\r\nContent-Length: 5\r\n\r\nhello" : "\r\n\r\n");
      try {
        Socket to = socket;
        InputStream from = in;
        if (to == null || from == null) {
          to = new Socket();
          to.setTcpNoDelay(true);
          to.setSoTimeout(20_000);
          to.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 5_000);
          from = new BufferedInputStream(to.getInputStream());
          socket = to;
          in = from;
        }
        to.getOutputStream().write(request.getBytes(US_ASCII));
        HttpText response = HttpText.readHead(from);
        if (response == null) {
          disconnect();
          return false;
        }
        from.readNBytes(response.contentLength());
        if (response.header("connection").equalsIgnoreCase("close")) {
          disconnect();
        }
        return response.firstLine().startsWith("HTTP/1.1 200");
      } catch (IOException e) {
        disconnect();
        return false;
      }
    }

    private void disconnect() {
      Socket current = socket;
      socket = null;
      in = null;
      if (current != null) {
        try {
          current.close();
        } catch (IOException e) {
          // nothing is left to close
        }
      }
    }
  }
}
