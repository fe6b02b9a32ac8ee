package org.keepaliveagent.ittests;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Reads the text that Prometheus would. */
public final class Prometheus {
  private Prometheus() {}

  /** All samples of one reading. */
  public record Samples(List<String> lines) {
    /** The sum over every series of this name whose labels hold all of these. */
    public long sum(String name, String... labels) {
      double sum = 0;
      for (String line : lines) {
        boolean wanted = line.startsWith(name + "{") || line.startsWith(name + " ");
        for (String label : labels) {
          wanted &= line.contains(label);
        }
        if (wanted) {
          sum += Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
        }
      }
      return Math.round(sum);
    }
  }

  public static Samples read(HttpClient client, URI metrics) throws Exception {
    String text =
        client
            .send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
            .body();
    List<String> lines = new ArrayList<>(text.lines().toList());
    lines.removeIf(line -> line.startsWith("#"));
    return new Samples(lines);
  }

  /** Reads until the sweep has noticed every close: what was opened is open or closed. */
  static Samples awaitRest(HttpClient client, URI metrics, Duration atMost) throws Exception {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (true) {
      Samples samples = read(client, metrics);
      long open = samples.sum("http_client_open_connections");
      long closed = samples.sum("upstream_connection_closed_total");
      if (open + closed == samples.sum("upstream_connection_created_total")) {
        return samples;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("closes are missing: " + samples);
      }
      LockSupport.parkNanos(20_000_000);
    }
  }
}
