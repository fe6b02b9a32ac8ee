package org.keepaliveagent.config;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which nginx a configuration in its notation was written for: the defaults of an {@code upstream}
 * block changed with 1.29.7.
 */
public enum Compat {
  /** Before 1.29.7: HTTP/1.0, {@code Connection: close} and no idle connections. */
  V1_22("1.22"),
  /** From 1.29.7 on: HTTP/1.1, no {@code Connection} header and 32 idle connections. */
  V1_31("1.31");

  static final List<String> WORDS =
      Collections.unmodifiableList(Arrays.asList(V1_22.word, V1_31.word));

  private final String word;

  Compat(String word) {
    this.word = word;
  }

  public String word() {
    return word;
  }

  /** That of a word; null for any other word. */
  public static @Nullable Compat of(String word) {
    for (Compat compat : values()) {
      if (compat.word.equals(word)) {
        return compat;
      }
    }
    return null;
  }
}
