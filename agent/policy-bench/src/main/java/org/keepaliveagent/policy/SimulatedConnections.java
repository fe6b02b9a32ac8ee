package org.keepaliveagent.policy;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.util.Arrays;
import java.util.Collections;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.keepaliveagent.hooks.KeepaliveHooks;

/**
 * A real engine behind the real hooks, and connections that are nothing but an object each: opened,
 * used once and parked, spread over so many upstreams.
 */
final class SimulatedConnections implements AutoCloseable {
  private static final String LIBRARY = "simulated";
  private static final long PAUSE_NANOS = 200_000_000L;

  final Engine engine;
  final Sweep sweep;
  private final int upstreams;
  private final Object[] all;
  private final Object exchange = new Object();

  /**
   * @param clock of the engine
   */
  SimulatedConnections(Policy policy, LongSupplier clock, int upstreams, int each) {
    ConcurrentMap<String, Library> libraries = new ConcurrentHashMap<>();
    this.upstreams = upstreams;
    libraries.put(LIBRARY, new Library(LIBRARY, this::closed));
    engine =
        new Engine(
            new PolicyTable(policy, Collections.emptyList()),
            clock,
            Events.NONE,
            libraries,
            () -> {});
    sweep = new Sweep(engine);
    all = new Object[upstreams * each];
    Arrays.setAll(all, i -> new Object());
    KeepaliveHooks.engine(engine);
  }

  /** Opens, uses and parks all. */
  void open() {
    for (int i = 0; i < all.length; i++) {
      open(i);
    }
  }

  /** Opens, uses and parks one. */
  private void open(int number) {
    KeepaliveHooks.opened(all[number], LIBRARY, "http", "host" + number % upstreams, 80);
    use(all[number]);
  }

  /** Opens others in the place of these. */
  void replace(int from, int to) {
    for (int i = from; i < to; i++) {
      all[i] = new Object();
      open(i);
    }
  }

  /** Uses each again that may be, so that it is idle since the moment that the clock says. */
  void useAll() {
    for (Object connection : all) {
      if (KeepaliveHooks.mayLease(connection, "GET")) {
        use(connection);
      }
    }
  }

  private void use(Object connection) {
    KeepaliveHooks.sending(connection, exchange, "GET", null, false);
    KeepaliveHooks.responding(connection, 200, false, null, null);
    KeepaliveHooks.mayPark(connection);
  }

  int size() {
    return all.length;
  }

  /** Nanoseconds of one lease, send and park, over connections at random. */
  double exchangeNanos(int exchanges) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    int[] order = random.ints(1 << 16, 0, all.length).toArray();
    long start = System.nanoTime();
    for (int i = 0; i < exchanges; i++) {
      Object connection = all[order[i & (order.length - 1)]];
      KeepaliveHooks.mayLease(connection, "GET");
      KeepaliveHooks.sending(connection, exchange, "GET", null, false);
      KeepaliveHooks.mayPark(connection);
    }
    return (double) (System.nanoTime() - start) / exchanges;
  }

  /** As their library says it of each. */
  void closeAll() {
    for (Object connection : all) {
      closed(connection);
    }
  }

  private void closed(Object connection) {
    KeepaliveHooks.closed(connection, false);
  }

  /** Loses each without a word, as a library does that forgets one. */
  void loseAll() {
    Arrays.fill(all, null);
  }

  /** What is left of them: records, connections that are said to exist, and idle ones. */
  long left() {
    long left = engine.live().size();
    for (Upstream u : engine.upstreams()) {
      left += u.connections() + u.idle();
    }
    return left;
  }

  /** Bytes on the heap after all that can be has been collected. */
  static long heap() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    for (int i = 0; i < 4; i++) {
      memory.gc();
      // Until the JVM's own thread has looked at the references that were cleared, they are kept.
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    return memory.getHeapMemoryUsage().getUsed();
  }

  @Override
  public void close() {
    KeepaliveHooks.engine(null);
  }
}
