package org.keepaliveagent.policy;

import java.util.HashSet;
import java.util.Set;

/** What an upstream's connections have carried so far: those that are gone and those that exist. */
final class Traffic {
  /** Requests while the policy was enforced, and while it was not. */
  private long requests;

  private long unenforced;

  /** Requests that were not the first of their connection. */
  private long reuses;

  private final Set<Integer> pools = new HashSet<>();

  Traffic(Upstream upstream) {
    requests = upstream.counted(Count.REQUESTS);
    unenforced = upstream.counted(Count.REQUESTS_UNENFORCED);
    reuses = upstream.counted(Count.REUSES);
  }

  /** Adds a connection that exists; what it carries at this moment may not be counted yet. */
  void add(Connection c) {
    if (c.upstream.policy().mode() == Mode.ENFORCE) {
      requests += c.requests;
    } else {
      unenforced += c.requests;
    }
    reuses += reuses(c);
    pools.add(c.pool);
  }

  static long reuses(Connection c) {
    return Math.max(0, c.requests - 1);
  }

  /** Pools that connections exist of, at least one. */
  int pools() {
    return Math.max(1, pools.size());
  }

  long requests() {
    return requests;
  }

  long unenforced() {
    return unenforced;
  }

  long all() {
    return requests + unenforced;
  }

  long reuses() {
    return reuses;
  }
}
