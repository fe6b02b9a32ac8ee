package org.keepaliveagent.ittests.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.management.JMException;
import org.keepaliveagent.ittests.ForkedJvm;
import org.keepaliveagent.ittests.Prometheus;

/** What a JVM under the agent holds, looked at from outside, and what the agent's books say. */
final class JvmState implements AutoCloseable {
  private static final String RECORD = "org.keepaliveagent.policy.Connection";

  /** One look. */
  record Look(long heapKb, int threads, long records) {}

  private final String name;
  private final ForkedJvm jvm;
  private final Vitals vitals;
  private final HttpClient asking = HttpClient.newHttpClient();
  private final URI metrics;

  private JvmState(String name, ForkedJvm jvm, Vitals vitals, URI metrics) {
    this.name = name;
    this.jvm = jvm;
    this.vitals = vitals;
    this.metrics = metrics;
  }

  /** Of a JVM whose agent has a status page. */
  static JvmState of(String name, ForkedJvm jvm) throws IOException, InterruptedException {
    String said = jvm.awaitErr(line -> line.contains("status page on "));
    URI page = URI.create(said.substring(said.indexOf("http://")));
    return new JvmState(name, jvm, Vitals.of(jvm.pid()), page.resolve("metrics"));
  }

  String name() {
    return name;
  }

  /** Looks, after a full collection. */
  Look look() throws IOException, JMException {
    return new Look(vitals.reachableKb(), vitals.threads(), vitals.objects(RECORD));
  }

  /** Stops the process for so long. */
  void stop(long millis) throws IOException, InterruptedException {
    signal("-STOP");
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } finally {
      signal("-CONT");
    }
  }

  private void signal(String signal) throws IOException, InterruptedException {
    new ProcessBuilder("kill", signal, String.valueOf(jvm.pid())).inheritIO().start().waitFor();
  }

  /** Connections and requests in the agent's books, a line for each library that has any. */
  List<String> books() throws Exception {
    return Prometheus.read(asking, metrics).lines().stream()
        .filter(line -> line.matches("http_client_(open_connections|active_requests)\\{.* [1-9].*"))
        .toList();
  }

  @Override
  public void close() throws IOException {
    vitals.close();
  }
}
