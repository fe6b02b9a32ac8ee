package org.keepaliveagent.policy;

import java.util.Arrays;

/** How often values fell between bounds, and their sum. For one thread at a time. */
public final class Histogram {
  /** Of times, in nanoseconds: from 10 ms to 5 min, as the conventions suggest for connections. */
  static final long[] TIMES = {
    10_000_000L,
    50_000_000L,
    100_000_000L,
    500_000_000L,
    1_000_000_000L,
    2_000_000_000L,
    5_000_000_000L,
    10_000_000_000L,
    30_000_000_000L,
    60_000_000_000L,
    120_000_000_000L,
    300_000_000_000L
  };

  /** Of requests that a connection carries. */
  static final long[] REQUESTS = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000};

  private final long[] bounds;
  private final long[] counts;
  private long sum;

  Histogram(long[] bounds) {
    this.bounds = bounds;
    this.counts = new long[bounds.length + 1];
  }

  void add(long value) {
    int bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]) {
      bucket++;
    }
    counts[bucket]++;
    sum += value;
  }

  /** Adds what another one with the same bounds holds. */
  void add(Histogram other) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] += other.counts[i];
    }
    sum += other.sum;
  }

  /** Upper bounds, inclusive, ascending; above the last there is one more count. */
  public long[] bounds() {
    return bounds.clone();
  }

  /** How many values lie in each bucket alone. */
  public long[] counts() {
    return counts.clone();
  }

  public long sum() {
    return sum;
  }

  /** How many values there are. */
  public long count() {
    return Arrays.stream(counts).sum();
  }
}
