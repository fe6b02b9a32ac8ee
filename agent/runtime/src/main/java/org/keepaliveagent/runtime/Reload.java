package org.keepaliveagent.runtime;

import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.config.PolicyReading;
import org.keepaliveagent.policy.Journal;
import org.keepaliveagent.policy.Mode;
import org.keepaliveagent.policy.PolicyTable;

/**
 * Puts a changed policy file in force: looks at its content from time to time, and when asked to.
 *
 * <p>Content decides, not time stamps or links, so that a swapped symbolic link is noticed as an
 * edit is. A file that changed is read twice, {@link #SETTLE_NANOS} apart, and taken when it stays
 * the same: an editor may be writing it. A bad, empty or missing file is said once and counted, and
 * the policy in force stays. Any thread may ask; readings never overlap.
 */
final class Reload {
  private static final long SETTLE_NANOS = 250_000_000L;

  private final Consumer<PolicyTable> inForce;
  private final Consumer<String> messages;
  private Configuration configuration;
  private final Journal journal;
  private long done;
  private long failed;
  private @Nullable Instant doneAt;

  /**
   * @param inForce puts policies in force
   */
  Reload(
      Configuration configuration,
      Consumer<PolicyTable> inForce,
      Journal journal,
      Consumer<String> messages) {
    this.configuration = configuration;
    this.inForce = inForce;
    this.journal = journal;
    this.messages = messages;
  }

  /** Replaces the configuration as a whole. */
  synchronized void configuration(Configuration next) {
    configuration = next;
    inForce.accept(next.policies());
  }

  /** Gives every policy this mode, until the options change. */
  synchronized void switchTo(Mode mode) {
    configuration(configuration.switchedTo(mode));
    String text = "mode " + mode.word() + " for every policy";
    journal.add(Journal.Kind.MODE, text);
    messages.accept(text + " from now on.");
  }

  synchronized Configuration configuration() {
    return configuration;
  }

  /** Looks whether the file has changed, and reads it when it has come to rest. */
  synchronized void look() {
    Configuration before = configuration;
    if (!before.isOutdated()) {
      return;
    }
    PolicyReading reading = before.readAgain();
    LockSupport.parkNanos(this, SETTLE_NANOS);
    if (reading != null && !reading.sources().changed()) {
      take(reading);
    }
  }

  /**
   * Reads the file now, changed or not.
   *
   * @return what came of it, a sentence
   */
  synchronized String now() {
    PolicyReading reading = configuration.readAgain();
    return reading == null ? "There is no policy file." : take(reading);
  }

  private String take(PolicyReading reading) {
    PolicyReading taken = reading.unlessEmptied();
    configuration = configuration.with(taken, messages);
    if (taken.table() != null) {
      inForce.accept(configuration.policies());
      done++;
      doneAt = Instant.now();
      journal.add(Journal.Kind.RELOAD, configuration.source() + " is in force");
      messages.accept("policy read again: " + configuration.source() + " is in force.");
      return "The policy is in force.";
    }
    failed++;
    journal.add(Journal.Kind.RELOAD, "a changed policy was not good; the previous one stays");
    return "The previous policy stays in force.";
  }

  /** How often a changed file was put in force. */
  synchronized long done() {
    return done;
  }

  /** When a changed file was put in force last; null for never. */
  synchronized @Nullable Instant doneAt() {
    return doneAt;
  }

  /** How often a changed file was not good. */
  synchronized long failed() {
    return failed;
  }
}
