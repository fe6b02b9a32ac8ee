package org.keepaliveagent.policy;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.Collections;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZI_Result;
import org.openjdk.jcstress.infra.results.ZZZ_Result;

/** The races on one record's state word: whoever comes first, exactly one wins. */
public final class Races {
  private static final long LIMIT = 1_000_000_000L;

  private Races() {}

  /** One parked connection, and a sweep that would close it. */
  public abstract static class OneConnection {
    final Object connection = new Object();
    final Object exchange = new Object();
    volatile boolean swept;
    long now = 1;
    final Engine engine;
    final Sweep sweep;

    OneConnection() {
      ConcurrentMap<String, Library> libraries = new ConcurrentHashMap<>();
      libraries.put("race", new Library("race", closed -> swept = true));
      engine = new Engine(table(LIMIT), () -> now, Events.NONE, libraries, () -> {}, 4);
      sweep = new Sweep(engine);
      engine.opened(connection, "race", "http", "upstream", 80);
      engine.sending(connection, exchange, "GET", null, false);
    }

    static PolicyTable table(long idleNanos) {
      return new PolicyTable(
          Policy.builder("race").idleNanos(idleNanos).build(), Collections.emptyList());
    }

    int idle() {
      return engine.upstreams().iterator().next().idle();
    }
  }

  /** The lease asks just below the limit while the sweep, by its later clock, is past it. */
  @JCStressTest
  @Outcome(id = "true, false, 0", expect = ACCEPTABLE, desc = "Leased; the sweep lets it be.")
  @Outcome(id = "false, true, 0", expect = ACCEPTABLE, desc = "Swept; the lease is refused.")
  @Outcome(id = "true, true, .*", expect = FORBIDDEN, desc = "Leased and closed under the lessee.")
  @Outcome(id = "false, false, .*", expect = FORBIDDEN, desc = "Lost: neither leased nor closed.")
  @Outcome(expect = FORBIDDEN, desc = "The count of idle connections is wrong.")
  @State
  public static class LeaseAgainstSweep extends OneConnection {
    /** Parked before the race begins. */
    public LeaseAgainstSweep() {
      engine.mayPark(connection, null);
    }

    /** The application's thread. */
    @Actor
    public void lease(ZZI_Result result) {
      result.r1 = engine.mayLease(connection, "GET");
    }

    /** The sweep's thread. */
    @Actor
    public void sweep() {
      sweep.run(now + LIMIT + Sweep.GRACE_NANOS);
    }

    /** After both. */
    @Arbiter
    public void after(ZZI_Result result) {
      result.r2 = swept;
      result.r3 = idle();
    }
  }

  /** The sweep looks while the connection is being parked. */
  @JCStressTest
  @Outcome(id = "true, false, 1", expect = ACCEPTABLE, desc = "The sweep came first.")
  @Outcome(id = "true, true, 0", expect = ACCEPTABLE, desc = "Parked, then swept at once.")
  @Outcome(expect = FORBIDDEN, desc = "Closed while busy, or counted wrong.")
  @State
  public static class ParkAgainstSweep extends OneConnection {
    /** The application's thread. */
    @Actor
    public void park(ZZI_Result result) {
      result.r1 = engine.mayPark(connection, null);
    }

    /** The sweep's thread, whose clock is far ahead. */
    @Actor
    public void sweep() {
      sweep.run(now + 2 * LIMIT);
    }

    /** After both. */
    @Arbiter
    public void after(ZZI_Result result) {
      result.r2 = swept;
      result.r3 = idle();
    }
  }

  /** A reload shortens the limit while the connection is being leased. */
  @JCStressTest
  @Outcome(id = "true, false, 0", expect = ACCEPTABLE, desc = "Leased under the old policy.")
  @Outcome(id = "false, false, 0", expect = ACCEPTABLE, desc = "Refused under the new one.")
  @Outcome(expect = FORBIDDEN, desc = "Leased twice, or counted wrong.")
  @State
  public static class LeaseAgainstReload extends OneConnection {
    /** Parked, and idle for half of the limit. */
    public LeaseAgainstReload() {
      engine.mayPark(connection, null);
      now += LIMIT / 2;
    }

    /** The application's thread. */
    @Actor
    public void lease(ZZI_Result result) {
      result.r1 = engine.mayLease(connection, "GET");
    }

    /** The thread that reloads. */
    @Actor
    public void reload() {
      engine.policies(table(LIMIT / 4));
    }

    /** After both; a second lease of what was refused must not succeed. */
    @Arbiter
    public void after(ZZI_Result result) {
      result.r2 = !result.r1 && engine.mayLease(connection, "GET");
      result.r3 = idle();
    }
  }

  /** The peer closes while the connection is being leased. */
  @JCStressTest
  @Outcome(id = "true, false, true", expect = ACCEPTABLE, desc = "Leased, then closed: in use.")
  @Outcome(id = "false, false, true", expect = ACCEPTABLE, desc = "Closed, then refused.")
  @Outcome(expect = FORBIDDEN, desc = "Leased after the close, or counted wrong.")
  @State
  public static class LeaseAgainstClose extends OneConnection {
    /** Parked before the race begins. */
    public LeaseAgainstClose() {
      engine.mayPark(connection, null);
    }

    /** The application's thread. */
    @Actor
    public void lease(ZZZ_Result result) {
      result.r1 = engine.mayLease(connection, "GET");
    }

    /** The selector's thread. */
    @Actor
    public void close() {
      engine.closed(connection, true);
    }

    /** After both. */
    @Arbiter
    public void after(ZZZ_Result result) {
      result.r2 = engine.mayLease(connection, "GET");
      result.r3 = idle() == 0;
    }
  }
}
