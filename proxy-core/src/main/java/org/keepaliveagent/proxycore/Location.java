package org.keepaliveagent.proxycore;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Which requests go to which upstream, and how long that may take.
 *
 * @param prefix the start of the request targets that belong here
 * @param replacement what replaces the prefix on the way to the upstream; null leaves it alone
 */
record Location(
    String prefix,
    Upstream upstream,
    @Nullable String replacement,
    Duration connectTimeout,
    Duration readTimeout) {

  /** The request target for the upstream, for one that starts with the prefix. */
  String map(String target) {
    return replacement == null ? target : replacement + target.substring(prefix.length());
  }
}
