package org.keepaliveagent.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.policy.IpAddress;
import org.keepaliveagent.policy.Mode;

/**
 * The options that the agent was started with. Immutable.
 *
 * <p>Each is looked up as agent argument ({@code policy=FILE,mode=observe}), system property
 * ({@code keepalive.mode}) and environment variable ({@code KEEPALIVE_MODE}); the first that is
 * given counts, else the default. An empty value is given, and stands for the default. A bad one is
 * reported and stands for the default too; it never stops the agent.
 */
public final class Options {
  /** Whether spans are exported. */
  public enum Telemetry {
    /** Where an exporter is configured. */
    AUTO,
    ON,
    OFF
  }

  private final Map<Option, String> values = new EnumMap<>(Option.class);
  private final List<Problem> problems = new ArrayList<>();

  private Options() {}

  /**
   * Reads the options. Pure; runs on the thread that starts the agent and throws only what the
   * functions throw.
   *
   * @param arguments what stands behind {@code =} of {@code -javaagent}; a comma separates, so a
   *     path that holds one is given as property or variable
   * @param property a system property, or null
   * @param environment an environment variable, or null
   */
  public static Options read(
      @Nullable String arguments,
      Function<String, @Nullable String> property,
      Function<String, @Nullable String> environment) {
    Options options = new Options();
    Map<String, String> given = options.split(arguments == null ? "" : arguments);
    for (Option option : Option.values()) {
      String argument = given.get(option.word());
      String fromProperty = property.apply(option.property());
      String fromEnvironment = environment.apply(option.variable());
      if (argument != null) {
        options.take(option, argument, "agent argument " + option.word());
      } else if (fromProperty != null) {
        options.take(option, fromProperty, "system property " + option.property());
      } else if (fromEnvironment != null) {
        options.take(option, fromEnvironment, "environment " + option.variable());
      }
    }
    return options;
  }

  /**
   * Reports names that look like an option's and are none: of system properties that start with
   * {@code keepalive.} and of variables that start with {@code KEEPALIVE_}.
   */
  public static List<Problem> unknownNames(
      Iterable<String> properties, Iterable<String> variables) {
    List<Problem> problems = new ArrayList<>();
    List<String> known = new ArrayList<>();
    for (Option option : Option.values()) {
      known.add(option.property());
      known.add(option.variable());
    }
    for (String name : properties) {
      if (name.startsWith("keepalive.") && !known.contains(name)) {
        reportName(problems, "system property ", name, known);
      }
    }
    for (String name : variables) {
      if (name.startsWith("KEEPALIVE_") && !known.contains(name)) {
        reportName(problems, "environment ", name, known);
      }
    }
    return problems;
  }

  private static void reportName(
      List<Problem> problems, String place, String name, List<String> known) {
    // Others may use such names too: only what is nearly ours is a mistake.
    String nearest = Words.nearest(name, known);
    if (nearest != null) {
      String hint = "; did you mean " + nearest + "?";
      problems.add(Problem.of(ProblemKind.UNKNOWN_OPTION, place + Words.shown(name), hint));
    }
  }

  private Map<String, String> split(String arguments) {
    List<String> known = Option.words();
    Map<String, String> given = new HashMap<>();
    int start = 0;
    while (start <= arguments.length()) {
      int comma = arguments.indexOf(',', start);
      int end = comma < 0 ? arguments.length() : comma;
      String piece = arguments.substring(start, end).trim();
      int equals = piece.indexOf('=');
      if (equals > 0) {
        String word = piece.substring(0, equals).trim();
        String value = piece.substring(equals + 1).trim();
        String place = "agent argument " + Words.shown(word);
        if (!known.contains(word)) {
          String hint = Words.hintOrList(word, known, known);
          report(ProblemKind.UNKNOWN_OPTION, place, hint);
        } else if (given.containsKey(word)) {
          report(
              ProblemKind.OPTION_TWICE,
              place,
              Words.quote(String.valueOf(given.get(word))),
              Words.quote(value));
        } else {
          given.put(word, value);
        }
      } else if (!piece.isEmpty()) {
        report(ProblemKind.OPTION_SYNTAX, "agent argument", Words.quote(piece));
      }
      start = end + 1;
    }
    return given;
  }

  private void take(Option option, String given, String place) {
    String value = given.trim();
    if (value.isEmpty()) {
      return;
    }
    if (isAllowed(option, value)) {
      values.put(option, value);
      return;
    }
    report(
        ProblemKind.OPTION_VALUE,
        place,
        option.kind() == Option.Kind.TOKEN ? "the token" : Words.quote(value),
        option.allowed(),
        Words.hint(value, option.choices()),
        option.standard().isEmpty() ? "none" : option.standard());
  }

  private static boolean isAllowed(Option option, String value) {
    switch (option.kind()) {
      case PATH:
        return path(value) != null;
      case TIME:
        return nanos(value) >= 0;
      case ADDRESS:
        return value.equals("off") || address(value) != null;
      case TOKEN:
        return value.matches("[A-Za-z0-9_-]{16,128}");
      case PREFIXES:
        return Shaded.prefixes(value) != null;
      default:
        return option.choices().contains(value);
    }
  }

  /** 0 for off; negative for what is no time. */
  private static long nanos(String value) {
    try {
      return value.equals("off") ? 0 : Numbers.nanos(value, false);
    } catch (Refusal e) {
      return -1;
    }
  }

  /** Null for what is no address; names are none, since looking one up may take its time. */
  private static @Nullable InetSocketAddress address(String value) {
    int colon = value.lastIndexOf(':');
    String host = colon < 0 ? "127.0.0.1" : value.substring(0, colon);
    String port = value.substring(colon + 1);
    if (host.equals("localhost")) {
      host = "127.0.0.1";
    }
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    byte[] address = IpAddress.parse(bracketed ? host.substring(1, host.length() - 1) : host);
    if (address == null || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65535) {
      return null;
    }
    try {
      return new InetSocketAddress(InetAddress.getByAddress(address), Integer.parseInt(port));
    } catch (UnknownHostException e) {
      return null;
    }
  }

  private void report(ProblemKind kind, String place, Object... details) {
    problems.add(Problem.of(kind, place, details));
  }

  private static @Nullable Path path(String value) {
    try {
      return Paths.get(value);
    } catch (InvalidPathException e) {
      return null;
    }
  }

  private String get(Option option) {
    String value = values.get(option);
    return value == null ? option.standard() : value;
  }

  /** The policy file; null for the built-in default. */
  public @Nullable Path policy() {
    String value = get(Option.POLICY);
    return value.isEmpty() ? null : path(value);
  }

  /** Which nginx a policy in its notation was written for. */
  public Compat compat() {
    Compat compat = Compat.of(get(Option.COMPAT));
    return compat == null ? Compat.V1_31 : compat;
  }

  /** How often the policy file is looked at again, in nanoseconds; 0 for never. */
  public long reloadNanos() {
    return nanos(get(Option.RELOAD));
  }

  /** Whether the MBean is registered: {@code auto}, {@code on} or {@code off}. */
  public String jmx() {
    return get(Option.JMX);
  }

  /** Where the status page is served; null for nowhere. */
  public @Nullable InetSocketAddress status() {
    return address(get(Option.STATUS));
  }

  /** What the status page asks for before it switches the mode; empty: it switches nothing. */
  public String statusToken() {
    return get(Option.STATUS_TOKEN);
  }

  /** The mode that overrides those of the policy file; null when none was given. */
  public @Nullable Mode mode() {
    return Mode.of(get(Option.MODE));
  }

  /** Whether the agent does anything at all. */
  public boolean enabled() {
    return get(Option.ENABLED).equals("true");
  }

  /** Whether a bad policy file fails the start of the application. */
  public boolean failsOnError() {
    return get(Option.ON_ERROR).equals("fail");
  }

  public Telemetry telemetry() {
    String value = get(Option.TELEMETRY);
    return value.equals("on") ? Telemetry.ON : value.equals("off") ? Telemetry.OFF : Telemetry.AUTO;
  }

  /** Of which attempts spans are made: {@code all}, {@code notable} or {@code off}. */
  public String spans() {
    return get(Option.SPANS);
  }

  /** What the names of relocated copies of libraries begin with; none when they are left alone. */
  public List<String> shaded() {
    List<String> prefixes = Shaded.prefixes(get(Option.SHADED));
    return prefixes == null ? Shaded.KNOWN : prefixes;
  }

  /** Whether every decision of the agent is to fail; for tests of the agent only. */
  public boolean throwsFaults() {
    return get(Option.FAULT_INJECTION).equals("throw");
  }

  /** What was wrong, in no particular order but the same each time; each says what happens now. */
  public List<Problem> problems() {
    return Collections.unmodifiableList(problems);
  }
}
