package org.keepaliveagent.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * The options of the agent, one line each: the word, what is allowed, the default and what it is
 * for. Every option has three forms with one name; reading and documentation come from this table.
 */
public enum Option {
  POLICY("policy", "", "the policy file; without one the built-in default holds"),
  MODE(
      "mode",
      "",
      "how far the agent goes; overrides every mode of the policy file",
      "off",
      "observe",
      "enforce"),
  ENABLED("enabled", "true", "the kill switch: false leaves every class as it is", "true", "false"),
  ON_ERROR(
      "on_error",
      "observe",
      "what a bad policy file does at start: observe only, or fail the start of the application",
      "observe",
      "fail"),
  TELEMETRY(
      "telemetry",
      "auto",
      "whether spans are exported; auto does where an exporter is configured",
      "auto",
      "on",
      "off"),
  FAULT_INJECTION(
      "fault_injection",
      "",
      "for tests of the agent only: throw lets every decision of the agent fail",
      "throw");

  private final String word;
  private final String standard;
  private final String description;

  @SuppressWarnings("ImmutableEnumChecker") // unmodifiable, of strings
  private final List<String> allowed;

  Option(String word, String standard, String description, String... allowed) {
    this.word = word;
    this.standard = standard;
    this.description = description;
    this.allowed = Collections.unmodifiableList(Arrays.asList(allowed));
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

  /** The words that are allowed; empty for any text. */
  public List<String> allowed() {
    return allowed;
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
