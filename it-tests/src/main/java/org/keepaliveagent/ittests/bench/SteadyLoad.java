package org.keepaliveagent.ittests.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.keepaliveagent.ittests.HttpText;

/** Client connections to one proxy, each of which sends its next request when it has an answer. */
final class SteadyLoad implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 120_000;

  private final List<Client> clients = new ArrayList<>();
  private final ExecutorService threads;

  private SteadyLoad(int connections) {
    threads = Executors.newFixedThreadPool(connections);
  }

  /**
   * Connects.
   *
   * @param flags of the trace that every request belongs to: 00 or 01
   */
  static SteadyLoad connect(int port, int connections, String flags) throws IOException {
    SteadyLoad load = new SteadyLoad(connections);
    byte[] request =
        ("GET /orders HTTP/1.1\r\nHost: shop\r\n"
                + "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-"
                + flags
                + "\r\n\r\n")
            .getBytes(US_ASCII);
    for (int i = 0; i < connections; i++) {
      load.clients.add(new Client(port, request));
    }
    return load;
  }

  /**
   * Sends so many requests in all and waits for their answers.
   *
   * @return the 99th percentile of the time to an answer, in nanoseconds
   */
  long send(int requests) throws IOException, InterruptedException {
    int each = requests / clients.size();
    List<Future<long[]>> results = new ArrayList<>();
    for (Client client : clients) {
      results.add(threads.submit(() -> client.send(each)));
    }
    long[] all = new long[each * clients.size()];
    for (int i = 0; i < results.size(); i++) {
      try {
        System.arraycopy(results.get(i).get(), 0, all, i * each, each);
      } catch (ExecutionException e) {
        throw new IOException(e.getCause());
      }
    }
    Arrays.sort(all);
    return all[(int) (all.length * 0.99)];
  }

  /** One client connection, and the next one where the proxy closes it. */
  private static final class Client implements AutoCloseable {
    private final int port;
    private final byte[] request;
    private Socket socket;
    private InputStream in;

    Client(int port, byte[] request) throws IOException {
      this.port = port;
      this.request = request;
      socket = connect(port);
      in = new BufferedInputStream(socket.getInputStream());
    }

    private static Socket connect(int port) throws IOException {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(PATIENCE_MILLIS);
      return socket;
    }

    long[] send(int requests) throws IOException {
      long[] nanos = new long[requests];
      for (int i = 0; i < requests; i++) {
        long start = System.nanoTime();
        socket.getOutputStream().write(request);
        HttpText answer = HttpText.readHead(in);
        if (answer == null || !answer.firstLine().startsWith("HTTP/1.1 200")) {
          throw new IOException(answer == null ? "no answer" : answer.firstLine());
        }
        in.readNBytes(answer.contentLength());
        nanos[i] = System.nanoTime() - start;
        if (answer.header("connection").equalsIgnoreCase("close")) {
          socket.close();
          socket = connect(port);
          in = new BufferedInputStream(socket.getInputStream());
        }
      }
      return nanos;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @Override
  public void close() throws IOException {
    threads.shutdownNow();
    for (Client client : clients) {
      client.close();
    }
  }
}
