package org.keepaliveagent.runtime;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.keepaliveagent.policy.Engine;
import org.keepaliveagent.policy.HealthCheck;
import org.keepaliveagent.policy.Journal;
import org.keepaliveagent.policy.Mode;
import org.keepaliveagent.policy.Policy;
import org.keepaliveagent.policy.Upstream;

/**
 * The daemon {@code keepalive-health}: has every upstream probed whose policy states {@code
 * health_check}, each at its own interval. Exists once a policy does, and sleeps while none does.
 * At most {@link #PROBERS} probes run at once; an upstream whose probe has not ended is not probed
 * again. Policies that observe probe nothing: a probe is a request that the upstream would not get
 * without the agent.
 */
final class HealthThread extends Thread {
  private static final long BETWEEN_LOOKS_NANOS = 1_000_000_000L;
  private static final long SHORTEST_NANOS = 10_000_000L;
  private static final int PROBERS = 4;

  private final Engine engine;
  private final Consumer<String> messages;
  private final Map<Upstream, Probing> probings = new HashMap<>();
  private final AtomicBoolean started = new AtomicBoolean();

  HealthThread(Engine engine, Consumer<String> messages) {
    super("keepalive-health");
    setDaemon(true);
    this.engine = engine;
    this.messages = messages;
  }

  /** Other policies are in force. Any thread. */
  void wake() {
    if (engine.probes() && started.compareAndSet(false, true)) {
      start();
    }
    LockSupport.unpark(this);
  }

  @Override
  public void run() {
    ThreadPoolExecutor probers = newProbers();
    while (true) {
      if (!engine.probes()) {
        probings.clear();
        LockSupport.park(this);
        continue;
      }
      long now = System.nanoTime();
      long next = BETWEEN_LOOKS_NANOS;
      for (Upstream upstream : engine.upstreams()) {
        Policy policy = upstream.policy();
        if (policy.mode() != Mode.ENFORCE || !policy.healthCheck().isStated()) {
          probings.remove(upstream);
        } else {
          Probing probing = probings.computeIfAbsent(upstream, u -> new Probing(u, now));
          next = Math.min(next, probing.probeIfDue(now, probers));
        }
      }
      LockSupport.parkNanos(this, next);
    }
  }

  private static ThreadPoolExecutor newProbers() {
    ThreadPoolExecutor probers =
        new ThreadPoolExecutor(
            PROBERS,
            PROBERS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread prober = new Thread(task, "keepalive-probe");
              prober.setDaemon(true);
              return prober;
            });
    probers.allowCoreThreadTimeOut(true);
    return probers;
  }

  /** The probing of one upstream. */
  private final class Probing implements Runnable {
    private final Upstream upstream;
    private final AtomicBoolean inProgress = new AtomicBoolean();
    private long dueAt;

    Probing(Upstream upstream, long now) {
      this.upstream = upstream;
      this.dueAt = now;
    }

    /** Nanoseconds until the next probe. */
    long probeIfDue(long now, Executor probers) {
      if (now - dueAt >= 0) {
        dueAt = now + upstream.policy().healthCheck().intervalNanos();
        if (inProgress.compareAndSet(false, true)) {
          probers.execute(this);
        }
      }
      return Math.max(SHORTEST_NANOS, dueAt - now);
    }

    @Override
    public void run() {
      try {
        HealthCheck check = upstream.policy().healthCheck();
        if (!check.isStated()) {
          return;
        }
        String failure = HealthProbe.failure(upstream, check);
        if (engine.probed(upstream, failure == null)) {
          String text =
              failure == null
                  ? upstream
                      + " is healthy again: "
                      + check.uri()
                      + " passed "
                      + check.passes()
                      + "x"
                  : upstream
                      + " is unhealthy: "
                      + check.uri()
                      + " failed "
                      + check.fails()
                      + "x in a row, last: "
                      + failure
                      + "; its idle connections are closed";
          engine.journal().add(Journal.Kind.HEALTH, text);
          messages.accept(text);
        }
      } finally {
        inProgress.set(false);
      }
    }
  }
}
