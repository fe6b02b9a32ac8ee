package org.keepaliveagent.runtime;

import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.config.Options;
import org.keepaliveagent.config.PolicyReader;
import org.keepaliveagent.config.PolicyReading;
import org.keepaliveagent.config.Problem;
import org.keepaliveagent.policy.Mode;
import org.keepaliveagent.policy.PolicyTable;
import org.keepaliveagent.telemetry.Switch;

/** The options and the policy file together, as they hold now. Immutable. */
final class Configuration {
  private final Options options;
  private final PolicyTable policies;
  private final String source;

  private Configuration(Options options, PolicyTable policies, String source) {
    this.options = options;
    this.policies = policies;
    this.source = source;
  }

  /**
   * Reads both; what is wrong is said. A bad policy file leaves the agent observing with the
   * built-in policy, or with the one in force before.
   *
   * @param before what holds already, or {@code null} at the start
   * @throws IllegalStateException on a bad policy file with {@code on_error=fail}, at the start
   */
  static Configuration read(
      String arguments, @Nullable Configuration before, Consumer<String> messages) {
    Options options = Options.read(arguments, System::getProperty, System::getenv);
    for (Problem problem : options.problems()) {
      messages.accept(problem.toString());
    }
    Mode mode = options.mode();
    Path file = options.policy();
    if (file == null) {
      return new Configuration(
          options, PolicyTable.builtIn(mode == null ? Mode.ENFORCE : mode), "the built-in policy");
    }
    PolicyReading reading = PolicyReader.read(file, mode);
    PolicyTable table = reading.table();
    if (table != null) {
      return new Configuration(options, table, file.toString());
    }
    String outcome =
        before != null
            ? "The previous policy stays in force."
            : options.failsOnError()
                ? "The application does not start (on_error=fail)."
                : "The agent observes only, with the built-in default policy.";
    for (Problem problem : reading.problems()) {
      messages.accept(problem.render(outcome));
    }
    if (before != null) {
      return new Configuration(options, before.policies, before.source);
    }
    if (options.failsOnError()) {
      throw new IllegalStateException("the policy file " + file + " has mistakes");
    }
    return new Configuration(
        options,
        PolicyTable.builtIn(Mode.OBSERVE),
        "the built-in policy, observing, because of mistakes in " + file);
  }

  PolicyTable policies() {
    return policies;
  }

  /** Whether the agent is to leave every library alone. */
  boolean isOff() {
    return options.mode() == Mode.OFF;
  }

  Switch telemetry() {
    return Switch.valueOf(options.telemetry().name());
  }

  boolean injectsFaults() {
    return options.throwsFaults();
  }

  /** The line that is said when the agent starts or its options change. */
  String summary() {
    Mode mode = options.mode();
    return Version.get() + ": " + source + (mode == null ? "" : ", mode " + word(mode)) + ".";
  }

  private static String word(Mode mode) {
    return mode == Mode.OFF ? "off" : mode == Mode.OBSERVE ? "observe" : "enforce";
  }
}
