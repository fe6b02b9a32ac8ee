package org.keepaliveagent.proxycore;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long a client's connection is kept.
 *
 * @param idle {@code keepalive_timeout}; zero closes after each response
 * @param announced its second value, for the header {@code Keep-Alive}; null for no header
 * @param requests {@code keepalive_requests}
 * @param age {@code keepalive_time}
 * @param send {@code send_timeout}
 * @param body {@code client_body_timeout}
 */
record ClientLimits(
    Duration idle,
    @Nullable Duration announced,
    int requests,
    Duration age,
    Duration send,
    Duration body) {

  /** Whether a connection is kept after its request of this number (1 is the first). */
  boolean keep(int request, long ageNanos) {
    return !idle.isZero() && request < requests && ageNanos <= age.toNanos();
  }
}
