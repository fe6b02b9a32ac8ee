package org.keepaliveagent.ittests.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.keepaliveagent.ittests.ForkedProxy;

/**
 * One proxy in several JVMs, one for each variant, in front of one upstream: they take turns, in
 * pairs of the bare proxy and another, so that what else happens on the machine meets both.
 */
final class CostRig implements AutoCloseable {
  /** What so many requests took. {@code calls} is negative where they were not counted. */
  record Slice(int requests, Vitals.Allocated allocated, long calls, long ranNanos, long p99Nanos) {
    double bytes() {
      return (double) allocated.application() / requests;
    }

    double agentBytes() {
      return (double) allocated.agent() / requests;
    }

    double callsEach() {
      return (double) calls / requests;
    }
  }

  /** Two slices, one directly after the other, in alternating order. */
  record Pair(Slice without, Slice with) {}

  private final Path folder;
  private final Map<CostVariant, Subject> subjects = new EnumMap<>(CostVariant.class);
  private final SteadyUpstream upstream = SteadyUpstream.start();
  private final SpanSink sink = SpanSink.start();

  private CostRig(Path folder) throws IOException {
    this.folder = folder;
  }

  static CostRig start(CostProxy which, List<CostVariant> variants, Path folder)
      throws IOException, InterruptedException {
    CostRig rig = new CostRig(folder);
    try {
      for (CostVariant variant : variants) {
        ForkedProxy proxy = which.start(variant, List.of(), folder, rig.upstream.port(), rig.sink);
        rig.subjects.put(variant, new Subject(variant, proxy));
      }
      return rig;
    } catch (Throwable t) {
      rig.close();
      throw t;
    }
  }

  /** So many requests to each, in turns, so that all are as compiled as each other. */
  void warmUp(int requests, int connections) throws IOException, InterruptedException {
    int turns = 8;
    for (int turn = 0; turn < turns; turn++) {
      for (Subject subject : subjects.values()) {
        try (SteadyLoad load = subject.connect(connections)) {
          load.send(requests / turns);
        } catch (IOException e) {
          throw new IOException(subject.variant + " failed", e);
        }
      }
    }
    for (Subject subject : subjects.values()) {
      subject.mustBeSeen(upstream, sink);
    }
  }

  /** Pairs with each variant, one request at a time, with the system calls where they count. */
  Map<CostVariant, List<Pair>> oneAtATime(int rounds, int requests, boolean countCalls)
      throws IOException, InterruptedException {
    return pairs(rounds, requests, 1, countCalls);
  }

  /** Pairs with each variant over several connections at once. */
  Map<CostVariant, List<Pair>> atOnce(int rounds, int requests, int connections)
      throws IOException, InterruptedException {
    return pairs(rounds, requests, connections, false);
  }

  private Map<CostVariant, List<Pair>> pairs(
      int rounds, int requests, int connections, boolean countCalls)
      throws IOException, InterruptedException {
    Map<CostVariant, List<Pair>> pairs = new EnumMap<>(CostVariant.class);
    Subject without = Objects.requireNonNull(subjects.get(CostVariant.WITHOUT));
    for (int round = 0; round < rounds; round++) {
      for (Subject with : subjects.values()) {
        if (with == without) {
          continue;
        }
        boolean first = round % 2 == 0;
        Slice a = slice(first ? without : with, requests, connections, countCalls);
        Slice b = slice(first ? with : without, requests, connections, countCalls);
        pairs
            .computeIfAbsent(with.variant, v -> new ArrayList<>())
            .add(first ? new Pair(a, b) : new Pair(b, a));
      }
    }
    return pairs;
  }

  private Slice slice(Subject subject, int requests, int connections, boolean countCalls)
      throws IOException, InterruptedException {
    try (SteadyLoad load = subject.connect(connections)) {
      // Opens what this slice uses, and lets exporters go on as they will.
      load.send(Math.max(connections, requests / 20));
      Vitals.Allocated allocated = subject.vitals.allocated();
      SystemCalls calls = countCalls ? SystemCalls.of(subject.proxy.jvm().pid(), folder) : null;
      long ran = subject.vitals.ranNanos();
      long p99 = load.send(requests);
      ran = subject.vitals.ranNanos() - ran;
      long counted = calls == null ? -1 : calls.end();
      return new Slice(requests, subject.vitals.allocated().since(allocated), counted, ran, p99);
    }
  }

  /** One of the proxies. */
  private static final class Subject implements AutoCloseable {
    final CostVariant variant;
    final ForkedProxy proxy;
    final Vitals vitals;

    Subject(CostVariant variant, ForkedProxy proxy) throws IOException {
      this.variant = variant;
      this.proxy = proxy;
      this.vitals = Vitals.of(proxy.jvm().pid());
    }

    SteadyLoad connect(int connections) throws IOException {
      return SteadyLoad.connect(proxy.address().getPort(), connections, variant.flags());
    }

    /** An agent that does nothing by mistake would cost nothing. */
    void mustBeSeen(SteadyUpstream upstream, SpanSink sink)
        throws IOException, InterruptedException {
      long before = sink.spans();
      try (SteadyLoad load = connect(1)) {
        load.send(1);
      }
      boolean seen =
          switch (variant) {
            case WITHOUT, WITHOUT_AGAIN -> upstream.traceparent().contains("00f067aa0ba902b7");
            case OBSERVE, ENFORCE, UNSAMPLED -> says("keepalive-agent: ");
            case SAMPLED, OPENTELEMETRY_EXPORTING -> sink.awaitMore(before);
            // Whether it sees the requests, the one that exports too shows.
            case OPENTELEMETRY -> says("otel.javaagent");
          };
      if (!seen) {
        throw new IllegalStateException(
            variant + " did not act: " + upstream.traceparent() + proxy.jvm().err());
      }
    }

    private boolean says(String words) {
      return proxy.jvm().err().stream().anyMatch(line -> line.contains(words));
    }

    @Override
    public void close() throws IOException {
      vitals.close();
      proxy.close();
    }
  }

  @Override
  public void close() throws IOException {
    for (Subject subject : subjects.values()) {
      subject.close();
    }
    upstream.close();
    sink.close();
  }
}
