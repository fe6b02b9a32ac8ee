package org.keepaliveagent.runtime;

import java.util.function.Consumer;

/**
 * What the agent says to people: one line each on standard error.
 *
 * <p>Not through a logging library: an agent that starts {@code java.util.logging} before the
 * application does can break the application's own set-up of it.
 */
final class Messages implements Consumer<String> {
  @Override
  public void accept(String message) {
    System.err.println("keepalive-agent: " + message);
  }
}
