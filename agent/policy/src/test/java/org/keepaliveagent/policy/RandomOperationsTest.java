package org.keepaliveagent.policy;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** The whole engine under random but repeatable operations, beside a model of a few lines. */
class RandomOperationsTest {
  private static final int SEEDS = 2_000;
  private static final int OPERATIONS = 300;
  private static final String[] METHODS = {"GET", "POST", "PUT"};

  @Test
  void thePromisesHoldWhateverHappens() {
    for (int seed = 0; seed < SEEDS; seed++) {
      Run run = new Run(seed);
      try {
        for (int i = 0; i < OPERATIONS; i++) {
          run.step();
        }
        run.check();
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed + ", after " + run.log, e);
      }
    }
  }

  private enum State {
    BUSY,
    PARKED,
    /** Refused, evicted or closed. */
    GONE
  }

  /** What a test's pool knows of one connection. */
  private static final class Known {
    State state = State.BUSY;
    Object exchange;
    String method;
  }

  private static final class Run {
    final Random random;
    final Pool pool;
    final int maxIdle;
    final Map<Object, Known> all = new HashMap<>();
    final List<Object> order = new ArrayList<>();
    final List<String> log = new ArrayList<>();
    int exchanges;

    Run(int seed) {
      random = new Random(seed);
      maxIdle = 1 + random.nextInt(5);
      pool = new Pool(this::policy);
    }

    Policy.Builder policy(Policy.Builder p) {
      return p.maxIdle(maxIdle)
          .idleNanos(MILLISECONDS.toNanos(100 + random.nextInt(1000)))
          .maxAgeNanos(MILLISECONDS.toNanos(5_000))
          .maxRequests(1 + random.nextInt(20))
          .nextUpstream(EnumSet.of(FailureKind.ERROR), false)
          .tries(1 + random.nextInt(3));
    }

    void step() {
      switch (random.nextInt(10)) {
        case 0 -> open();
        case 1, 2, 3 -> lease(pick(State.PARKED));
        case 4, 5 -> park(pick(State.BUSY));
        case 6 -> fail(pick(State.BUSY));
        case 7 -> close(order.isEmpty() ? null : order.get(random.nextInt(order.size())));
        case 8 -> pool.pass(random.nextInt(200));
        default -> {
          if (random.nextInt(4) == 0) {
            log.add("reload");
            pool.engine.policies(Pool.table(this::policy));
          } else {
            sweep();
          }
        }
      }
    }

    void open() {
      Object connection = pool.open();
      log.add("open " + all.size());
      all.put(connection, new Known());
      order.add(connection);
      send(connection);
    }

    void send(Object connection) {
      Known known = all.get(connection);
      known.method = METHODS[random.nextInt(METHODS.length)];
      known.exchange = pool.send(connection, known.method);
      exchanges++;
    }

    void lease(Object connection) {
      if (connection == null) {
        return;
      }
      boolean leased = pool.engine.mayLease(connection, "GET");
      log.add("lease " + order.indexOf(connection) + " " + leased);
      Known known = all.get(connection);
      if (!leased) {
        known.state = State.GONE;
        return;
      }
      known.state = State.BUSY;
      send(connection);
    }

    void park(Object connection) {
      if (connection == null) {
        return;
      }
      pool.respond(connection);
      boolean parked = pool.engine.mayPark(connection, null);
      log.add("park " + order.indexOf(connection) + " " + parked);
      all.get(connection).state = parked ? State.PARKED : State.GONE;
    }

    void fail(Object connection) {
      if (connection == null) {
        return;
      }
      Known known = all.get(connection);
      pool.engine.failed(known.exchange, Pool.reset());
      boolean retried = pool.engine.mayRetry(known.exchange, random.nextInt(4) > 0, false);
      log.add("fail " + order.indexOf(connection) + " " + known.method + " " + retried);
      assertTrue(!retried || !known.method.equals("POST"), "a POST was to be sent twice");
      pool.engine.closed(connection, random.nextBoolean());
      known.state = State.GONE;
    }

    void close(Object connection) {
      if (connection == null) {
        return;
      }
      log.add("close " + order.indexOf(connection));
      pool.engine.closed(connection, random.nextBoolean());
      all.get(connection).state = State.GONE;
    }

    void sweep() {
      int before = pool.evicted.size();
      pool.sweep.run(pool.now);
      for (Object evicted : pool.evicted.subList(before, pool.evicted.size())) {
        log.add("swept " + order.indexOf(evicted));
        assertEquals(State.PARKED, all.get(evicted).state, "swept what was not parked");
        all.get(evicted).state = State.GONE;
      }
      assertTrue(parked() <= maxIdle, parked() + " idle, " + maxIdle + " allowed");
    }

    void check() {
      assertEquals(parked(), pool.upstream().idle(), "the count of idle connections");
      for (Object connection : order) {
        // What was closed long ago is forgotten, and the library's own look at it counts.
        if (all.get(connection).state == State.GONE
            && pool.engine.table().get(connection) != null) {
          assertTrue(!pool.engine.mayLease(connection, "GET"), "leased a connection that was gone");
        }
      }
      assertTrue(pool.attempts.size() <= exchanges, "an exchange was reported twice");
      assertEquals(
          pool.attempts.size(),
          pool.attempts.stream().mapToLong(a -> a.id).distinct().count(),
          "an attempt was reported twice");
    }

    int parked() {
      return (int) all.values().stream().filter(k -> k.state == State.PARKED).count();
    }

    Object pick(State state) {
      List<Object> those = order.stream().filter(c -> all.get(c).state == state).toList();
      return those.isEmpty() ? null : those.get(random.nextInt(those.size()));
    }
  }

  @Test
  void theSweepNeverClosesWhatAThreadHasLeased() throws InterruptedException {
    Pool pool = new Pool(p -> p.maxIdle(3));
    ConcurrentLinkedDeque<Object> parked = new ConcurrentLinkedDeque<>();
    List<String> wrong = new CopyOnWriteArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      threads.add(
          new Thread(
              () -> {
                for (int i = 0; i < 50_000; i++) {
                  Object connection = parked.pollFirst();
                  if (connection == null) {
                    connection = pool.open();
                  } else if (!pool.engine.mayLease(connection, "GET")) {
                    continue;
                  }
                  pool.send(connection, "GET");
                  Connection record = pool.engine.table().get(connection);
                  if (record == null || Connection.state(record.word()) != Connection.BUSY) {
                    wrong.add("a leased connection is not busy");
                  }
                  if (pool.engine.mayPark(connection, null)) {
                    parked.addLast(connection);
                  }
                }
              }));
    }
    AtomicBoolean over = new AtomicBoolean();
    int[] swept = new int[1];
    Thread sweeper =
        new Thread(
            () -> {
              while (!over.get()) {
                int before = pool.evicted.size();
                pool.sweep.run(pool.now);
                swept[0] += pool.evicted.size() - before;
              }
            });
    sweeper.start();
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join(30_000);
    }
    over.set(true);
    sweeper.join(30_000);
    assertEquals(List.of(), wrong);
    pool.sweep.run(pool.now);
    assertTrue(pool.upstream().idle() >= 0 && pool.upstream().idle() <= 3);
    assertTrue(swept[0] > 0, "the sweep found nothing to do");
  }
}
