package org.keepaliveagent.runtime;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.keepaliveagent.policy.Policy;
import org.keepaliveagent.policy.Reason;
import org.keepaliveagent.policy.Upstream;
import org.keepaliveagent.policy.Usage;

/** One upstream as {@link Status} shows it. */
final class UpstreamStatus {
  private static final double MILLI = 1e6;

  private UpstreamStatus() {}

  /**
   * @param usage what each library has done there
   */
  static Map<String, Object> of(Upstream u, List<Usage> usage, long now) {
    Policy p = u.policy();
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("url", u.toString());
    tree.put("policy", p.name());
    tree.put("mode", p.mode().word());
    pool(tree, u, usage);
    tree.put("unhealthy", u.health().isUnhealthy());
    tree.put("fails", u.health().fails());
    long inForce = u.idleLimitNanos(now);
    if (inForce != Policy.UNLIMITED) {
      tree.put("idle_limit_ms", Math.round(inForce / MILLI));
    }
    tree.put("limits", limits(u, p, now));
    Map<String, Object> decisions = new LinkedHashMap<>();
    Map<String, Object> wouldHave = new LinkedHashMap<>();
    for (Reason reason : Reason.values()) {
      putIfAny(decisions, reason.word(), u.decisions(reason));
      putIfAny(wouldHave, reason.word(), u.wouldHave(reason));
    }
    tree.put("decisions", decisions);
    tree.put("would_have", wouldHave);
    return tree;
  }

  private static void pool(Map<String, Object> tree, Upstream u, List<Usage> usage) {
    long open = 0;
    long idle = 0;
    long active = 0;
    long requests = 0;
    long reused = 0;
    long created = 0;
    Map<String, Object> closed = new LinkedHashMap<>();
    List<Object> libraries = new ArrayList<>();
    for (Usage each : usage) {
      open += each.open();
      idle += each.idle();
      active += each.activeRequests();
      requests += each.requests();
      reused += each.idleTimes().count();
      created += each.created();
      each.closed().forEach((word, count) -> closed.merge(word, count, UpstreamStatus::sum));
      if (!each.library().isEmpty()) {
        libraries.add(each.library());
      }
    }
    tree.put("libraries", libraries);
    tree.put("connections", open);
    tree.put("idle", idle);
    tree.put("most_connections", u.mostConnections());
    tree.put("active_requests", active);
    tree.put("requests", requests);
    tree.put("reused", reused);
    tree.put("opened", created);
    tree.put("closed", closed);
  }

  private static Object sum(Object one, Object other) {
    return (Long) one + (Long) other;
  }

  /** What limits its connections, and who says so. */
  private static List<Object> limits(Upstream u, Policy p, long now) {
    List<Object> limits = new ArrayList<>();
    time(limits, "idle time", p.idleNanos(), "policy");
    time(limits, "idle time", u.advertisedNanos(), "advertised");
    time(limits, "idle time", p.learn() ? u.learnedNanos(now) : 0, "learned");
    time(limits, "age", p.maxAgeNanos(), "policy");
    count(limits, "idle connections", p.maxIdle());
    count(limits, "requests per connection", p.maxRequests());
    count(limits, "connections", p.maxConns());
    return limits;
  }

  private static void time(List<Object> limits, String what, long nanos, String origin) {
    if (nanos > 0 && nanos != Policy.UNLIMITED) {
      limits.add(limit(what, "ms", Math.round(nanos / MILLI), origin));
    }
  }

  private static void count(List<Object> limits, String what, long count) {
    if (count != Policy.UNLIMITED) {
      limits.add(limit(what, "count", count, "policy"));
    }
  }

  private static Map<String, Object> limit(String what, String unit, long value, String origin) {
    Map<String, Object> limit = new LinkedHashMap<>();
    limit.put("what", what);
    limit.put(unit, value);
    limit.put("origin", origin);
    return limit;
  }

  private static void putIfAny(Map<String, Object> tree, String word, long count) {
    if (count > 0) {
      tree.put(word, count);
    }
  }
}
