package org.keepaliveagent.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * The options of the agent, one entry each: the word, what is allowed, the default and what it is
 * for. Every option has three forms with one name; reading and documentation come from this table.
 */
public enum Option {
  POLICY(
      "policy", Kind.PATH, "", "the policy file, .yaml or .conf; else the built-in default holds"),
  COMPAT(
      "compat",
      Kind.WORDS,
      Compat.V1_31.word(),
      "which nginx a policy in its notation was written for: its defaults changed with 1.29.7",
      Compat.V1_22.word(),
      Compat.V1_31.word()),
  RELOAD("reload", Kind.TIME, "5s", "how often the policy file is looked at again; off for never"),
  MODE(
      "mode",
      Kind.WORDS,
      "",
      "how far the agent goes; overrides every mode of the policy file",
      "off",
      "observe",
      "enforce"),
  ENABLED(
      "enabled",
      Kind.WORDS,
      "true",
      "the kill switch: false leaves every class as it is",
      "true",
      "false"),
  ON_ERROR(
      "on_error",
      Kind.WORDS,
      "observe",
      "what a bad policy file does at start: observe only, or fail the start of the application",
      "observe",
      "fail"),
  TELEMETRY(
      "telemetry",
      Kind.WORDS,
      "auto",
      "whether spans are exported; auto does where an exporter is configured",
      "auto",
      "on",
      "off"),
  SPANS(
      "spans",
      Kind.WORDS,
      "all",
      "of which attempts of sampled requests spans are made: all and evictions too, or only those"
          + " with something to tell (a failure, a retry, a new connection, a long wait)",
      "all",
      "notable",
      "off"),
  JMX(
      "jmx",
      Kind.WORDS,
      "auto",
      "whether the agent's MBean is registered; auto does once the application uses JMX",
      "auto",
      "on",
      "off"),
  STATUS(
      "status",
      Kind.ADDRESS,
      "off",
      "where the status page, its JSON and the metrics for Prometheus are served; anybody who"
          + " reaches the address may read them",
      "off"),
  STATUS_TOKEN(
      "status_token",
      Kind.TOKEN,
      "",
      "what the status page asks for before it switches the mode; without one it switches nothing;"
          + " best given as variable, since arguments and properties are seen by others"),
  SHADED(
      "shaded",
      Kind.PREFIXES,
      "auto",
      "where relocated copies of libraries are looked for; auto knows " + Shaded.list(),
      "auto",
      "off"),
  FAULT_INJECTION(
      "fault_injection",
      Kind.WORDS,
      "",
      "for tests of the agent only: throw lets every decision of the agent fail",
      "throw");

  /** What the value of an option is. */
  enum Kind {
    PATH,
    TIME,
    PREFIXES,
    ADDRESS,
    TOKEN,
    WORDS
  }

  private final String word;
  private final Kind kind;
  private final String standard;
  private final String description;

  @SuppressWarnings("ImmutableEnumChecker") // unmodifiable, of strings
  private final List<String> choices;

  Option(String word, Kind kind, String standard, String description, String... choices) {
    this.word = word;
    this.kind = kind;
    this.standard = standard;
    this.description = description;
    this.choices = Collections.unmodifiableList(Arrays.asList(choices));
  }

  static List<String> words() {
    List<String> words = new ArrayList<>();
    for (Option option : values()) {
      words.add(option.word);
    }
    return words;
  }

  /** The name in the agent argument, such as {@code on_error}. */
  public String word() {
    return word;
  }

  /** The name of the system property, such as {@code keepalive.on_error}. */
  public String property() {
    return "keepalive." + word;
  }

  /** The name of the environment variable, such as {@code KEEPALIVE_ON_ERROR}. */
  public String variable() {
    return "KEEPALIVE_" + word.toUpperCase(Locale.ROOT);
  }

  /** What is allowed, for people. */
  public String allowed() {
    switch (kind) {
      case PATH:
        return "a path";
      case TIME:
        return "a time such as 500ms or 5s, or off";
      case ADDRESS:
        return "a port of 127.0.0.1, HOST:PORT with an address for HOST, or off";
      case TOKEN:
        return "16 to 128 letters, digits, - or _";
      case PREFIXES:
        return "auto, off, or package prefixes with a colon between them, such as "
            + "com.acme.shaded:auto";
      default:
        return Words.either(choices);
    }
  }

  Kind kind() {
    return kind;
  }

  /** The words that are allowed; none where anything else is. */
  List<String> choices() {
    return choices;
  }

  /** What holds when the option is not given; empty for nothing. */
  public String standard() {
    return standard;
  }

  /** What it is for, in a sentence without its full stop. */
  public String description() {
    return description;
  }
}
