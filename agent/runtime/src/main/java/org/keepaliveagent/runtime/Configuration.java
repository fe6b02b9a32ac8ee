package org.keepaliveagent.runtime;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.config.Options;
import org.keepaliveagent.config.PolicyReader;
import org.keepaliveagent.config.PolicyReading;
import org.keepaliveagent.config.Problem;
import org.keepaliveagent.config.Sources;
import org.keepaliveagent.policy.Mode;
import org.keepaliveagent.policy.PolicyTable;
import org.keepaliveagent.telemetry.SpanChoice;
import org.keepaliveagent.telemetry.Switch;

/** The options and the policy file together, as they hold now. Immutable. */
final class Configuration {
  private final Options options;
  private final PolicyTable policies;
  private final String source;

  /** The files as they were read last, whether they were good or not; null without a file. */
  private final @Nullable Sources sources;

  /** The files that the policies come from; null for the built-in ones. */
  private final @Nullable Sources inForce;

  /** The mode that somebody has switched to since; null where nobody has. */
  private final @Nullable Mode switched;

  private Configuration(
      Options options,
      PolicyTable policies,
      String source,
      @Nullable Sources sources,
      @Nullable Sources inForce,
      @Nullable Mode switched) {
    this.options = options;
    this.policies = switched == null ? policies : policies.withMode(switched);
    this.source = source;
    this.sources = sources;
    this.inForce = inForce;
    this.switched = switched;
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
    List<Problem> unknown =
        Options.unknownNames(
            System.getProperties().stringPropertyNames(), System.getenv().keySet());
    for (Problem problem : unknown) {
      messages.accept(problem.toString());
    }
    Path file = options.policy();
    if (file == null) {
      Mode mode = options.mode();
      return new Configuration(
          options,
          PolicyTable.builtIn(mode == null ? Mode.ENFORCE : mode),
          "the built-in policy",
          null,
          null,
          null);
    }
    PolicyReading reading = read(options, file);
    PolicyTable table = reading.table();
    if (table != null) {
      say(reading, "The policy is in force.", messages);
      return new Configuration(
          options, table, file.toString(), reading.sources(), reading.sources(), null);
    }
    if (before != null) {
      say(reading, "The previous policy stays in force.", messages);
      return new Configuration(
          options,
          before.policies,
          before.source,
          reading.sources(),
          before.inForce,
          before.switched);
    }
    if (options.failsOnError()) {
      say(reading, "The application does not start (on_error=fail).", messages);
      throw new IllegalStateException("the policy file " + file + " has mistakes");
    }
    say(reading, "The agent observes only, with the built-in default policy.", messages);
    return new Configuration(
        options,
        PolicyTable.builtIn(Mode.OBSERVE),
        "the built-in policy, observing, because of mistakes in " + file,
        reading.sources(),
        null,
        null);
  }

  private static PolicyReading read(Options options, Path file) {
    return new PolicyReader(options.mode(), options.compat(), System::getenv).read(file);
  }

  private static void say(PolicyReading reading, String outcome, Consumer<String> messages) {
    for (Problem problem : reading.problems()) {
      messages.accept(problem.render(outcome));
    }
  }

  /** Whether the files differ from those that were read last. */
  boolean isOutdated() {
    return sources != null && sources.changed();
  }

  /** The policy file as it is now; null without one. */
  @Nullable PolicyReading readAgain() {
    Path file = options.policy();
    return file == null ? null : read(options, file);
  }

  /**
   * This configuration with a newer reading of its file: its policies where they are good, else
   * those that hold already, and what is wrong is said.
   */
  Configuration with(PolicyReading reading, Consumer<String> messages) {
    PolicyTable table = reading.table();
    if (table == null) {
      say(reading, "The previous policy stays in force.", messages);
      return new Configuration(options, policies, source, reading.sources(), inForce, switched);
    }
    say(reading, "The policy is in force.", messages);
    return new Configuration(
        options,
        table,
        String.valueOf(options.policy()),
        reading.sources(),
        reading.sources(),
        switched);
  }

  /** This configuration with another mode of every policy, until its options change. */
  Configuration switchedTo(Mode mode) {
    return new Configuration(options, policies, source, sources, inForce, mode);
  }

  /** The mode that holds for every policy; null where each has its own. */
  @Nullable Mode mode() {
    return switched == null ? options.mode() : switched;
  }

  /** The hash of the policy files in force; empty for the built-in policy. */
  String hash() {
    return inForce == null ? "" : inForce.hash();
  }

  /** What the status page asks for before it switches the mode; empty: it switches nothing. */
  String statusToken() {
    return options.statusToken();
  }

  PolicyTable policies() {
    return policies;
  }

  /** How often the policy file is looked at again, in nanoseconds; 0 for never. */
  long reloadNanos() {
    return options.policy() == null ? 0 : options.reloadNanos();
  }

  /** When the agent's MBean is registered: {@code auto}, {@code on} or {@code off}. */
  String jmx() {
    return options.jmx();
  }

  /** Where the status page is served; null for nowhere. */
  @Nullable InetSocketAddress status() {
    return options.status();
  }

  /** What the names of relocated copies of libraries begin with. */
  List<String> shaded() {
    return options.shaded();
  }

  /** Whether the agent is to leave every library alone. */
  boolean isOff() {
    return switched == null && options.mode() == Mode.OFF;
  }

  Switch telemetry() {
    return Switch.valueOf(options.telemetry().name());
  }

  SpanChoice spans() {
    return SpanChoice.valueOf(options.spans().toUpperCase(Locale.ROOT));
  }

  boolean injectsFaults() {
    return options.throwsFaults();
  }

  /** Where the policies come from. */
  String source() {
    return source;
  }

  /** The line that is said when the agent starts or its options change. */
  String summary() {
    Mode mode = mode();
    String word = mode == null ? "" : ", mode " + mode.word();
    return Version.get() + ": " + source + word + ".";
  }
}
