package org.keepaliveagent.policy;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One hooked library: whether the agent still acts on it, and how its parked connections are
 * closed. Any thread.
 */
public final class Library {
  /** Closes a connection of one library. Called by the sweep thread only, with no lock held. */
  public interface Closer {
    /** Closes the connection as the library's own eviction does; may fail in any way. */
    void close(Object connection) throws Throwable;
  }

  /** After so many faults of ours on its threads a library is left alone. */
  static final int MOST_FAULTS = 10;

  private final String name;
  private final Closer closer;
  private final AtomicInteger faults = new AtomicInteger();
  private volatile @Nullable Throwable lastFault;

  public Library(String name, Closer closer) {
    this.name = name;
    this.closer = closer;
  }

  public String name() {
    return name;
  }

  Closer closer() {
    return closer;
  }

  /** Whether the agent still acts on this library. */
  public boolean armed() {
    return faults.get() < MOST_FAULTS;
  }

  /** How many faults of ours its threads have met. */
  public int faults() {
    return faults.get();
  }

  public @Nullable Throwable lastFault() {
    return lastFault;
  }

  /** Leaves the library alone from now on. */
  public void disarm() {
    faults.addAndGet(MOST_FAULTS);
  }

  void faulted(Throwable fault) {
    lastFault = fault;
    faults.incrementAndGet();
  }
}
