package org.keepaliveagent.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.policy.Mode;

/** The one thing that the status page can change, for those who know the token. Any thread. */
final class ModeSwitch {
  private final String token;
  private final Consumer<Mode> to;

  /**
   * @param token empty: nobody may
   */
  ModeSwitch(String token, Consumer<Mode> to) {
    this.token = token;
    this.to = to;
  }

  /** Whether anybody may switch. */
  boolean isThere() {
    return !token.isEmpty();
  }

  /** Whether this is the token; takes as long for every wrong one of a length. */
  boolean opensWith(@Nullable String given) {
    return isThere()
        && given != null
        && MessageDigest.isEqual(token.getBytes(UTF_8), given.getBytes(UTF_8));
  }

  /** Switches; false for what is no mode. */
  boolean switchTo(String word) {
    Mode mode = Mode.of(word);
    if (mode != null) {
      to.accept(mode);
    }
    return mode != null;
  }
}
