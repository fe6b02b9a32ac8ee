package org.keepaliveagent.proxycore;

import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A set of addresses that are listened on, and the locations behind them. */
record Server(List<InetSocketAddress> listen, List<Location> locations) {

  /** The location with the longest prefix of this request target, null if there is none. */
  @Nullable Location locate(String target) {
    Location best = null;
    for (Location location : locations) {
      boolean longer = best == null || location.prefix().length() > best.prefix().length();
      if (longer && target.startsWith(location.prefix())) {
        best = location;
      }
    }
    return best;
  }
}
