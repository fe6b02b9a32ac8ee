package org.keepaliveagent.conformance;

import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A client of one library, its own limits out of the way, as the rules use it. */
public interface ClientDriver extends AutoCloseable {
  /**
   * Sends a request and reads the whole response. Any thread; several at a time.
   *
   * @param body sent with its length; null for none
   * @throws IOException the library's own failure, unchanged
   */
  Reply send(String method, @Nullable String body, Map<String, String> headers) throws IOException;

  /**
   * Whether somebody reads from parked connections, so that the agent hears at once of what a peer
   * does to one. If not, the next lease must see it.
   */
  default boolean listensWhileIdle() {
    return true;
  }

  /**
   * Why a rule cannot be shown with this library; null where it can.
   *
   * @param rule its number and case, for example {@code P3 HTTP/1.0}
   */
  default @Nullable String untested(String rule) {
    return null;
  }

  @Override
  void close() throws IOException;
}
