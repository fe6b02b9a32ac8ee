package org.keepaliveagent.policy;

import java.util.Collections;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import org.keepaliveagent.hooks.KeepaliveHooks;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * What one exchange on a pooled connection pays for its hooks. Run by hand:
 *
 * <pre>
 * java -cp agent/policy-bench/target/classes:… org.openjdk.jmh.Main HooksBenchmark -prof gc
 * </pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class HooksBenchmark {
  private static final int UPSTREAMS = 50;

  /** Connections that exist; 0 stands for no agent. */
  @Param({"0", "1000", "100000"})
  public int connections;

  private final Object exchange = new Object();
  private Object[] all = {new Object()};
  private int next;

  /** Opens the connections and parks them, under a policy with every limit. */
  @Setup(Level.Trial)
  public void open() {
    if (connections == 0) {
      KeepaliveHooks.engine(null);
      return;
    }
    Policy policy =
        Policy.builder("bench")
            .idleNanos(TimeUnit.HOURS.toNanos(1))
            .maxAgeNanos(TimeUnit.HOURS.toNanos(10))
            .maxRequests(Long.MAX_VALUE - 1)
            .maxIdle(Integer.MAX_VALUE)
            .build();
    ConcurrentMap<String, Library> libraries = new ConcurrentHashMap<>();
    libraries.put("bench", new Library("bench", connection -> {}));
    KeepaliveHooks.engine(
        new Engine(
            new PolicyTable(policy, Collections.emptyList()),
            System::nanoTime,
            Events.NONE,
            libraries,
            () -> {}));
    all = new Object[connections];
    for (int i = 0; i < connections; i++) {
      all[i] = new Object();
      KeepaliveHooks.opened(all[i], "bench", "http", "host" + i % UPSTREAMS, 80);
      KeepaliveHooks.sending(all[i], exchange, "GET", null, false);
      KeepaliveHooks.mayPark(all[i]);
    }
  }

  /** Leaves no engine behind. */
  @TearDown(Level.Trial)
  public void close() {
    KeepaliveHooks.engine(null);
  }

  /** Lease, send and park: what every exchange pays at the least. */
  @Benchmark
  public void leaseSendPark(Blackhole answers) {
    Object connection = connection();
    answers.consume(KeepaliveHooks.mayLease(connection, "GET"));
    KeepaliveHooks.sending(connection, exchange, "GET", null, false);
    answers.consume(KeepaliveHooks.mayPark(connection));
  }

  /** All that an exchange asks and tells, its response's headers included. */
  @Benchmark
  public void wholeExchange(Blackhole answers) {
    Object connection = connection();
    answers.consume(KeepaliveHooks.mayReuse(exchange));
    answers.consume(KeepaliveHooks.mayLease(connection, "GET"));
    KeepaliveHooks.sending(connection, exchange, "GET", null, false);
    answers.consume(KeepaliveHooks.maySendAll(connection));
    KeepaliveHooks.responding(connection, 200, false, "keep-alive", "timeout=75");
    answers.consume(KeepaliveHooks.mayPark(connection));
  }

  private Object connection() {
    next = next + 1 == all.length ? 0 : next + 1;
    return all[next];
  }
}
