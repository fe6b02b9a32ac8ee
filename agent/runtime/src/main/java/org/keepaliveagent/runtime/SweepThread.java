package org.keepaliveagent.runtime;

import java.util.Collection;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.policy.Library;
import org.keepaliveagent.policy.Sweep;

/**
 * The daemon that runs the {@link Sweep} when it is worthwhile, and says what must not be said on
 * the application's threads.
 */
final class SweepThread extends Thread {
  private final Collection<Library> libraries;
  private final Consumer<String> messages;
  private final Set<String> said = new HashSet<>();
  private volatile boolean wanted;
  private volatile boolean stopped;
  private @Nullable Sweep sweep;

  SweepThread(Collection<Library> libraries, Consumer<String> messages) {
    super("keepalive-sweep");
    setDaemon(true);
    this.libraries = libraries;
    this.messages = messages;
  }

  /** Starts the thread; once. */
  void start(Sweep with) {
    sweep = with;
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
        next = sweeping.run(System.nanoTime());
      } catch (Throwable t) {
        sayOnce("sweep", "the sweep failed: " + t + "; it goes on");
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

  private void report() {
    for (Library library : libraries) {
      if (library.faults() > 0) {
        sayOnce(
            library.name(),
            library.name() + ": a hook failed: " + library.lastFault() + "; requests go on");
      }
      if (!library.armed()) {
        sayOnce(
            library.name() + " disarmed",
            library.name()
                + ": "
                + library.faults()
                + " hooks failed; the agent leaves this library alone from now on");
      }
    }
  }

  private void sayOnce(String key, String message) {
    if (said.add(key)) {
      messages.accept(message);
    }
  }
}
