package org.keepaliveagent.policy;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * What many upstreams with many parked connections cost, in simulation: prints one figure a line.
 * Run by {@code it-tests/bench scale}; {@code UPSTREAMS CONNECTIONS_EACH}.
 */
public final class ScaleMeasurement {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long IDLE_SECONDS = 60;
  private static final int EXCHANGES = 2_000_000;
  private static final int REPETITIONS = 7;

  private final int upstreams;
  private final int each;
  private long now = SECOND;

  private ScaleMeasurement(int upstreams, int each) {
    this.upstreams = upstreams;
    this.each = each;
  }

  /** Measures all. */
  public static void main(String[] arguments) {
    ScaleMeasurement scale =
        new ScaleMeasurement(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]));
    scale.memoryAndRetirement();
    scale.sweepUsed("sweep.used", policy(Mode.ENFORCE, Policy.UNLIMITED));
    scale.sweepExpiring("sweep.expiring", policy(Mode.ENFORCE, Policy.UNLIMITED));
    scale.trim("sweep.trimmed");
    scale.sweepUsed("sweep.observed", policy(Mode.OBSERVE, scale.each / 2));
    for (int count = 1; count <= scale.upstreams; count *= 10) {
      scale.lease(count);
    }
  }

  private static Policy policy(Mode mode, long maxIdle) {
    return Policy.builder("scale")
        .mode(mode)
        .idleNanos(IDLE_SECONDS * SECOND)
        .maxAgeNanos(10_000 * SECOND)
        .maxRequests(Long.MAX_VALUE - 1)
        .maxIdle(maxIdle)
        .build();
  }

  private SimulatedConnections connections(Policy policy, int over) {
    return new SimulatedConnections(policy, () -> now, over, upstreams * each / over);
  }

  private double bytesOfAConnection() {
    try (SimulatedConnections one = connections(policy(Mode.ENFORCE, Policy.UNLIMITED), 1)) {
      long before = SimulatedConnections.heap();
      one.open();
      return (double) (SimulatedConnections.heap() - before) / one.size();
    }
  }

  private void memoryAndRetirement() {
    double connection = bytesOfAConnection();
    say("bytes.connection", connection);
    try (SimulatedConnections all =
        connections(policy(Mode.ENFORCE, Policy.UNLIMITED), upstreams)) {
      // This thread remembers the record that it opened last, and with it the engine before.
      all.replace(0, 1);
      long before = SimulatedConnections.heap();
      all.open();
      long open = SimulatedConnections.heap() - before;
      say("bytes.upstream", (open - connection * all.size()) / upstreams);
      all.closeAll();
      sweepUntilNothingIsLeft(all);
      say("left.closed", all.left());
      say("left.upstream_bytes", (SimulatedConnections.heap() - before) / upstreams);
      all.replace(0, all.size());
      all.loseAll();
      SimulatedConnections.heap();
      sweepUntilNothingIsLeft(all);
      say("left.lost", all.left());
    }
  }

  private void sweepUntilNothingIsLeft(SimulatedConnections of) {
    for (int i = 0; i < 10 && of.sweep.run(now) != Long.MAX_VALUE; i++) {
      now += Sweep.LONGEST_NANOS;
    }
    now += Sweep.REMEMBERED_NANOS;
    of.sweep.run(now);
  }

  /** All have been used at the same moment, again and again. */
  private void sweepUsed(String name, Policy policy) {
    try (SimulatedConnections of = connections(policy, upstreams)) {
      of.open();
      sweep(of, 10, () -> {});
      of.useAll();
      say(name, sweep(of, 20, () -> {}));
    }
  }

  /** Every upstream has twice as many idle connections as it may keep. */
  private void trim(String name) {
    try (SimulatedConnections of = connections(policy(Mode.ENFORCE, each / 2), upstreams)) {
      of.open();
      say(name, sweep(of, 1, () -> {}));
      say(name + ".left", of.engine.upstreams().stream().mapToInt(Upstream::idle).max().orElse(0));
    }
  }

  /** At every moment some have been idle for too long, and as many others are opened. */
  private void sweepExpiring(String name, Policy policy) {
    try (SimulatedConnections of = connections(policy, upstreams)) {
      Replacement replacement = new Replacement(of, now);
      sweep(of, Replacement.CYCLE_SECONDS, replacement);
      say(name, sweep(of, Replacement.CYCLE_SECONDS, replacement));
    }
  }

  /** Opens connections evenly over time, each in the place of one that is gone since shortly. */
  private final class Replacement implements Runnable {
    static final long CYCLE_SECONDS = IDLE_SECONDS + 2;

    private final SimulatedConnections connections;
    private final long begin;
    private long replaced;

    Replacement(SimulatedConnections connections, long begin) {
      this.connections = connections;
      this.begin = begin;
    }

    @Override
    public void run() {
      int size = connections.size();
      long due = (long) ((double) (now - begin) / (CYCLE_SECONDS * SECOND) * size);
      for (; replaced < due; replaced++) {
        int place = (int) (replaced % size);
        connections.replace(place, place + 1);
      }
    }
  }

  /** What a number of sweeps took. */
  private record Swept(double percent, double eachMillis, double perSecond, double longestMillis) {}

  /**
   * Sweeps, and looks for findings once a second, at the pace that the sweep itself asks for.
   *
   * @param meanwhile what the application does before each sweep
   */
  private Swept sweep(SimulatedConnections of, long seconds, Runnable meanwhile) {
    long begin = now;
    long lookAt = now;
    long busy = 0;
    long longest = 0;
    int sweeps = 0;
    while (now - begin < seconds * SECOND) {
      meanwhile.run();
      long start = THREADS.getCurrentThreadCpuTime();
      long next = of.sweep.run(now);
      if (now >= lookAt) {
        of.engine.findings(now);
        lookAt = now + SECOND;
      }
      long took = THREADS.getCurrentThreadCpuTime() - start;
      longest = Math.max(longest, took);
      busy += took;
      sweeps++;
      now += Math.min(next, Sweep.LONGEST_NANOS);
    }
    double elapsed = now - begin;
    return new Swept(
        busy / elapsed * 100, busy / 1e6 / sweeps, sweeps / elapsed * SECOND, longest / 1e6);
  }

  private void lease(int over) {
    Policy policy = policy(Mode.ENFORCE, Policy.UNLIMITED);
    SimulatedConnections of =
        new SimulatedConnections(policy, System::nanoTime, over, upstreams * each / over);
    try (of) {
      of.open();
      of.exchangeNanos(EXCHANGES);
      double[] nanos = new double[REPETITIONS];
      Arrays.setAll(nanos, i -> of.exchangeNanos(EXCHANGES));
      Arrays.sort(nanos);
      say("lease." + over + ".ns", nanos[REPETITIONS / 2]);
    }
  }

  private static void say(String name, Swept swept) {
    say(name + ".percent", swept.percent);
    say(name + ".each_ms", swept.eachMillis);
    say(name + ".per_second", swept.perSecond);
    say(name + ".longest_ms", swept.longestMillis);
  }

  private static void say(String name, Number value) {
    System.out.printf(Locale.ROOT, "%s %.3f%n", name, value.doubleValue());
  }
}
