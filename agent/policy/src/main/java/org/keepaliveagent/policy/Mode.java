package org.keepaliveagent.policy;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How far the agent goes. */
public enum Mode {
  /** Nothing is decided and nothing is counted. */
  OFF,
  /** Everything is decided, counted and reported; nothing is changed. */
  OBSERVE,
  /** Decisions take effect. */
  ENFORCE;

  private final String word = name().toLowerCase(Locale.ROOT);

  /** The word of the policy file, of options and of spans. */
  public String word() {
    return word;
  }

  /** The mode of a word; null for any other word. */
  public static @Nullable Mode of(String word) {
    for (Mode mode : values()) {
      if (mode.word.equals(word)) {
        return mode;
      }
    }
    return null;
  }
}
