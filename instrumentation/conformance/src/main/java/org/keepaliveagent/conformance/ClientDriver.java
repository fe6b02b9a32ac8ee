package org.keepaliveagent.conformance;

import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A client of one library, as the rules use it: its own limits of time out of the way, and room for
 * {@link #POOL} connections to an upstream.
 */
public interface ClientDriver extends AutoCloseable {
  /** The most connections to one upstream, where the library has such a limit. */
  int POOL = 64;

  /** How long the client waits for a response, in milliseconds, where it has such a limit. */
  int READ_TIMEOUT = 20_000;

  /**
   * Sends a request and reads the whole response. Any thread; several at a time.
   *
   * @param body sent with its length; null for none
   * @throws IOException the library's own failure, unchanged
   */
  Reply send(String method, @Nullable String body, Map<String, String> headers) throws IOException;

  /**
   * As {@link #send}, with a body that can be read once only. For a driver that has no reason
   * against rule {@code R6}.
   */
  default Reply sendOnce(String method, String body, Map<String, String> headers)
      throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * As {@link #send} without a body, asking for HTTP/1.0. For a driver that has no reason against
   * rule {@code H2}.
   */
  default Reply sendHttp10(String method, Map<String, String> headers) throws IOException {
    throw new UnsupportedOperationException();
  }

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
   * @param rule its number, and its case where that has a name: {@code P3 HTTP/1.0}
   */
  default @Nullable String untested(String rule) {
    return null;
  }

  /** How often the library by itself tries to connect, for one request, where it is refused. */
  default int triesWhenRefused() {
    return 1;
  }

  /**
   * Why two clients cannot show {@code keepalive_scope: pool}; null where each has one pool of its
   * own, which the agent tells from the other's.
   */
  default @Nullable String sharesPool() {
    return "the adapter does not say which pool keeps a connection";
  }

  @Override
  void close() throws IOException;
}
