package org.keepaliveagent.ittests.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.management.JMException;
import org.keepaliveagent.ittests.ExistingProxy;
import org.keepaliveagent.ittests.ForkedProxy;
import org.keepaliveagent.ittests.HttpText;

/** proxy-core with the agent and thousands of parked connections that are sockets. */
final class RealConnections {
  private static final String RECORD = "org.keepaliveagent.policy.Connection";
  private static final String SWEEP = "keepalive-sweep";

  /** A thread remembers the connection that it opened last; Netty has two for each processor. */
  private static final int MOST_LEFT = 2 * Runtime.getRuntime().availableProcessors();

  private static final int OBSERVED_SECONDS = 10;
  private static final int PATIENCE_SECONDS = 120;

  private RealConnections() {}

  /** Opens them, looks at them, closes them, and adds what was seen. */
  static void measure(Evidence evidence, Path folder, int connections)
      throws IOException, InterruptedException, JMException {
    Table table = evidence.table("Real connections of proxy-core", "what", "figure");
    try (SteadyUpstream upstream = SteadyUpstream.start();
        ForkedProxy proxy =
            ExistingProxy.PROXY_CORE.start(
                folder, List.of(upstream.port()), List.of(ForkedProxy.agent("")), Map.of());
        Vitals vitals = Vitals.of(proxy.jvm().pid())) {
      upstream.holdUntil(connections);
      askAtOnce(proxy.address().getPort(), connections);
      table.row("connections of the upstream", upstream.open());
      table.row("records of the agent", vitals.objects(RECORD));
      long before = vitals.cpuNanos(SWEEP);
      Thread.sleep(OBSERVED_SECONDS * 1000L);
      double percent = (vitals.cpuNanos(SWEEP) - before) / 1e7 / OBSERVED_SECONDS;
      table.row("% of a core for the sweep's thread", Figures.thousandths(percent));
      upstream.closeConnections();
      long left = vitals.objects(RECORD);
      for (int i = 0; i < PATIENCE_SECONDS && left > MOST_LEFT; i++) {
        Thread.sleep(1000);
        left = vitals.objects(RECORD);
      }
      table.row("records once the upstream has closed all", left);
      if (left > MOST_LEFT) {
        evidence.missed("records left of real connections ≤ " + MOST_LEFT + ": " + left);
      }
    }
  }

  /** Sends one request on each of so many connections, and only then reads the answers. */
  private static void askAtOnce(int port, int connections) throws IOException {
    byte[] request = "GET / HTTP/1.1\r\nHost: shop\r\n\r\n".getBytes(US_ASCII);
    List<Socket> clients = new ArrayList<>();
    try {
      for (int i = 0; i < connections; i++) {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), port);
        client.setSoTimeout(PATIENCE_SECONDS * 1000);
        clients.add(client);
        client.getOutputStream().write(request);
      }
      for (Socket client : clients) {
        HttpText answer = HttpText.readHead(client.getInputStream());
        if (answer == null || !answer.firstLine().startsWith("HTTP/1.1 200")) {
          throw new IOException(answer == null ? "no answer" : answer.firstLine());
        }
      }
    } finally {
      for (Socket client : clients) {
        client.close();
      }
    }
  }
}
