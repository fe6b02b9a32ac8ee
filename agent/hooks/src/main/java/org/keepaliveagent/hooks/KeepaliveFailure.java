package org.keepaliveagent.hooks;

import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/**
 * Tells a failure after the first byte of a response from one before it, for a library whose place
 * that reads the bytes knows neither connection nor exchange.
 *
 * <p>Only failures pass here: they travel from that place to the one that asks on one thread. No
 * exception leaves this class.
 */
public final class KeepaliveFailure {
  private static final ThreadLocal<@Nullable WeakReference<Throwable>> last = new ThreadLocal<>();

  private KeepaliveFailure() {}

  /** This failure struck on this thread after the first byte of a response had been read. */
  public static void begun(Throwable failure) {
    if (KeepaliveHooks.engine() != null) {
      last.set(new WeakReference<>(failure));
    }
  }

  /** Is this failure, or one that caused it, the last of this thread that {@link #begun} named? */
  public static boolean hasBegun(Throwable failure) {
    WeakReference<Throwable> reference = last.get();
    Throwable begun = reference == null ? null : reference.get();
    if (begun == null) {
      return false;
    }
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t == begun) {
        last.remove();
        return true;
      }
    }
    return false;
  }
}
