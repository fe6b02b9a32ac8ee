package org.keepaliveagent.runtime;

import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The daemon {@code keepalive-config}: looks at the policy file, and registers the MBean once the
 * application uses JMX. Sleeps while there is neither to do.
 */
final class HousekeepingThread extends Thread {
  private static final long LOOK_FOR_JMX_NANOS = 5_000_000_000L;

  private final Reload reload;
  private final Management management;
  private final Consumer<String> messages;
  private volatile boolean wanted;
  private boolean saidWhy;

  HousekeepingThread(Reload reload, Management management, Consumer<String> messages) {
    super("keepalive-config");
    setDaemon(true);
    this.reload = reload;
    this.management = management;
    this.messages = messages;
  }

  /** The configuration is another now. Any thread. */
  void wake() {
    wanted = true;
    LockSupport.unpark(this);
  }

  @Override
  public void run() {
    while (true) {
      wanted = false;
      try {
        management.registerWhenUseful(reload.configuration().jmx());
        rest(pause());
        reload.look();
      } catch (Throwable t) {
        if (!saidWhy) {
          saidWhy = true;
          messages.accept("looking at the policy file failed: " + t + "; the policy stays.");
        }
      }
    }
  }

  /** Nanoseconds; 0 for as long as nothing changes. */
  private long pause() {
    long file = reload.configuration().reloadNanos();
    long jmx = management.isWaiting() ? LOOK_FOR_JMX_NANOS : 0;
    return file == 0 || jmx == 0 ? Math.max(file, jmx) : Math.min(file, jmx);
  }

  private void rest(long nanos) {
    if (wanted) {
      return;
    }
    if (nanos == 0) {
      LockSupport.park(this);
    } else {
      LockSupport.parkNanos(this, nanos);
    }
  }
}
