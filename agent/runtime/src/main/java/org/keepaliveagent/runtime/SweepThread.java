package org.keepaliveagent.runtime;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.policy.Finding;
import org.keepaliveagent.policy.Journal;
import org.keepaliveagent.policy.Library;
import org.keepaliveagent.policy.Sweep;

/**
 * The daemon that runs the {@link Sweep} when it is worthwhile, and says what must not be said on
 * the application's threads.
 */
final class SweepThread extends Thread {
  private static final long BETWEEN_LOOKS_NANOS = 1_000_000_000L;
  private static final int MOST_SAID = 1000;

  private final Collection<Library> libraries;
  private final Consumer<String> messages;
  private @Nullable Journal journal;
  private final Set<String> said = new HashSet<>();
  private volatile boolean wanted;
  private volatile boolean stopped;
  private @Nullable Sweep sweep;
  private @Nullable LongFunction<List<Finding>> findings;
  private long lookedAt = System.nanoTime();

  SweepThread(Collection<Library> libraries, Consumer<String> messages) {
    super("keepalive-sweep");
    setDaemon(true);
    this.libraries = libraries;
    this.messages = messages;
  }

  /**
   * Starts the thread; once.
   *
   * @param lookFor finds what is wrong, at a moment of {@link System#nanoTime}
   * @param noteIn takes what is said
   */
  void start(Sweep with, LongFunction<List<Finding>> lookFor, Journal noteIn) {
    sweep = with;
    journal = noteIn;
    findings = lookFor;
    start();
  }

  /** Asks for a sweep soon. Any thread; costs a system call only when the thread sleeps. */
  void wake() {
    if (!wanted) {
      wanted = true;
      LockSupport.unpark(this);
    }
  }

  /** Ends the thread soon. */
  void end() {
    stopped = true;
    LockSupport.unpark(this);
  }

  @Override
  public void run() {
    Sweep sweeping = Objects.requireNonNull(sweep);
    while (!stopped) {
      wanted = false;
      long next = Sweep.LONGEST_NANOS;
      try {
        long now = System.nanoTime();
        next = sweeping.run(now);
        report(now);
      } catch (Throwable t) {
        sayOnce(Journal.Kind.HOOK_FAILURE, "sweep", "the sweep failed: " + t + "; it goes on");
      }
      report();
      if (!wanted && !stopped) {
        if (next == Long.MAX_VALUE) {
          LockSupport.park(this);
        } else {
          LockSupport.parkNanos(this, next);
        }
      }
    }
  }

  /** Says each finding once, and looks for them at most once a second. */
  private void report(long now) {
    if (now - lookedAt < BETWEEN_LOOKS_NANOS || findings == null || said.size() > MOST_SAID) {
      return;
    }
    lookedAt = now;
    for (Finding finding : findings.apply(now)) {
      sayOnce(
          Journal.Kind.FINDING, finding.kind().id() + " " + finding.upstream(), finding.toString());
    }
  }

  private void report() {
    for (Library library : libraries) {
      if (library.faults() > 0) {
        sayOnce(
            Journal.Kind.HOOK_FAILURE,
            library.name(),
            library.name() + ": a hook failed: " + library.lastFault() + "; requests go on");
      }
      if (!library.armed()) {
        sayOnce(
            Journal.Kind.HOOK_FAILURE,
            library.name() + " disarmed",
            library.name()
                + ": "
                + library.faults()
                + " hooks failed; the agent leaves this library alone from now on");
      }
    }
  }

  private void sayOnce(Journal.Kind kind, String key, String message) {
    if (said.add(key)) {
      if (journal != null) {
        journal.add(kind, message);
      }
      messages.accept(message);
    }
  }
}
