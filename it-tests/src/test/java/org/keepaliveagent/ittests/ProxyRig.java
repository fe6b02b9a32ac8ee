package org.keepaliveagent.ittests;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.keepaliveagent.ittests.IdleClosingUpstream.Ending;

/** An existing proxy in front of an upstream, and what is asked of the two. */
final class ProxyRig implements AutoCloseable {
  static final int IDLE_MILLIS = 50;
  static final int GAP_MILLIS = 47;
  static final int JITTER_MILLIS = 4;
  private static final int KEEPS_MILLIS = 600_000;
  private static final int WARM_UP_BURSTS = 60;
  private static final List<String> HOP_HEADERS =
      List.of(
          "Connection: close, X-Secret",
          "X-Secret: 1",
          "Keep-Alive: timeout=5",
          "TE: gzip",
          "Proxy-Connection: keep-alive");

  private final ExistingProxy which;
  private final IdleClosingUpstream upstream;
  private final ForkedProxy proxy;
  private long loads;

  private ProxyRig(ExistingProxy which, IdleClosingUpstream upstream, ForkedProxy proxy) {
    this.which = which;
    this.upstream = upstream;
    this.proxy = proxy;
  }

  /** Starts both. */
  static ProxyRig start(ExistingProxy which, Path folder, List<String> jvmOptions)
      throws IOException, InterruptedException {
    IdleClosingUpstream upstream =
        IdleClosingUpstream.start(KEEPS_MILLIS, which.upstreams(), Ending.MIXED);
    try {
      ForkedProxy proxy = which.start(folder, upstream.ports(), jvmOptions, Map.of());
      return new ProxyRig(which, upstream, proxy);
    } catch (Throwable t) {
      upstream.close();
      throw t;
    }
  }

  ForkedProxy proxy() {
    return proxy;
  }

  /** So many requests in bursts 20 ms apart; the upstream keeps its connections. */
  Side calm(int requests) throws InterruptedException {
    upstream.closeAfter(KEEPS_MILLIS);
    return load(20, requests / which.clients());
  }

  /**
   * So many requests in bursts that are about as far apart as a connection may be idle at the
   * upstream; others before them, which warm up and teach, do not count.
   */
  Side race(int requests) throws InterruptedException {
    upstream.closeAfter(IDLE_MILLIS);
    load(GAP_MILLIS, WARM_UP_BURSTS);
    return load(GAP_MILLIS, requests / which.clients());
  }

  private Side load(int gapMillis, int bursts) throws InterruptedException {
    int connections = upstream.connections();
    int port = proxy.address().getPort();
    BurstLoad.Seen seen =
        BurstLoad.bursts(port, which.clients(), gapMillis, JITTER_MILLIS, bursts, ++loads);
    return new Side(seen, upstream.executedTwice(), upstream.connections() - connections);
  }

  /** What the upstream gets of a request that carries each header of the hop. */
  List<String> headersThatCross() throws IOException {
    String request =
        "GET /headers HTTP/1.1\r\nHost: demo\r\nX-Request-Id: headers\r\n"
            + String.join("\r\n", HOP_HEADERS)
            + "\r\n\r\n";
    String status = "";
    // Without the agent the first ones may die with the connections that the race has left.
    for (int i = 0; i <= which.clients() && !status.startsWith("HTTP/1.1 200"); i++) {
      status = statusOf(request);
    }
    if (!status.startsWith("HTTP/1.1 200")) {
      throw new IOException(status);
    }
    HttpText arrived = upstream.last();
    List<String> crossed = new ArrayList<>();
    for (String header : HOP_HEADERS) {
      String name = header.substring(0, header.indexOf(':'));
      String value = arrived == null ? "" : arrived.header(name.toLowerCase(Locale.ROOT));
      if (!value.isEmpty()) {
        crossed.add(name + ": " + value);
      }
    }
    return crossed;
  }

  private String statusOf(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.address().getPort())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      HttpText response = HttpText.readHead(new BufferedInputStream(socket.getInputStream()));
      return response == null ? "no answer" : response.firstLine();
    }
  }

  @Override
  public void close() throws IOException {
    proxy.close();
    upstream.close();
  }
}
