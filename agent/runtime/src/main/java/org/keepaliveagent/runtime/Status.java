package org.keepaliveagent.runtime;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.keepaliveagent.config.Json;
import org.keepaliveagent.policy.Count;
import org.keepaliveagent.policy.Engine;
import org.keepaliveagent.policy.Finding;
import org.keepaliveagent.policy.Library;
import org.keepaliveagent.policy.Policy;
import org.keepaliveagent.policy.Reason;
import org.keepaliveagent.policy.Upstream;

/** What the agent knows at this moment, as a tree of values and as metrics. Any thread. */
final class Status {
  private static final double MILLI = 1e6;

  private final Engine engine;
  private final Reload reload;
  private final Collection<Library> libraries;
  private final LongSupplier dropped;

  /**
   * @param dropped how many events became no span
   */
  Status(Engine engine, Reload reload, Collection<Library> libraries, LongSupplier dropped) {
    this.engine = engine;
    this.reload = reload;
    this.libraries = libraries;
    this.dropped = dropped;
  }

  String json() {
    return Json.of(tree());
  }

  /** The counters, as Prometheus reads them. */
  String metrics() {
    return PrometheusText.of(engine, reload, libraries, dropped.getAsLong());
  }

  private Map<String, Object> tree() {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("version", Version.get());
    Map<String, Object> policy = new LinkedHashMap<>();
    policy.put("source", reload.configuration().source());
    policy.put("reloads", reload.done());
    policy.put("failed_reloads", reload.failed());
    tree.put("policy", policy);
    long now = System.nanoTime();
    List<Object> upstreams = new ArrayList<>();
    for (Upstream upstream : engine.upstreams()) {
      upstreams.add(upstream(upstream, now));
    }
    tree.put("upstreams", upstreams);
    List<Object> findings = new ArrayList<>();
    for (Finding finding : engine.findings(now)) {
      Map<String, Object> found = new LinkedHashMap<>();
      found.put("id", finding.kind().id());
      found.put("upstream", finding.upstream().toString());
      found.put("title", finding.kind().title());
      found.put("evidence", finding.evidence());
      found.put("remedy", finding.remedy());
      findings.add(found);
    }
    tree.put("findings", findings);
    List<Object> acted = new ArrayList<>();
    for (Library library : libraries) {
      Map<String, Object> each = new LinkedHashMap<>();
      each.put("name", library.name());
      each.put("armed", library.armed());
      each.put("faults", library.faults());
      acted.add(each);
    }
    tree.put("libraries", acted);
    tree.put("events_dropped", dropped.getAsLong());
    return tree;
  }

  private static Map<String, Object> upstream(Upstream u, long now) {
    Policy p = u.policy();
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("url", u.toString());
    tree.put("policy", p.name());
    tree.put("mode", p.mode().word());
    tree.put("connections", u.connections());
    tree.put("idle", u.idle());
    tree.put("most_connections", u.mostConnections());
    tree.put("opened", u.counted(Count.OPENED) + u.counted(Count.OPENED_UNENFORCED));
    tree.put("unhealthy", u.health().isUnhealthy());
    tree.put("fails", u.health().fails());
    Map<String, Object> limits = new LinkedHashMap<>();
    limit(limits, "policy", p.idleNanos() == Policy.UNLIMITED ? 0 : p.idleNanos());
    limit(limits, "advertised", u.advertisedNanos());
    limit(limits, "learned", p.learn() ? u.learnedNanos(now) : 0);
    tree.put("idle_limits_ms", limits);
    Map<String, Object> decisions = new LinkedHashMap<>();
    Map<String, Object> wouldHave = new LinkedHashMap<>();
    for (Reason reason : Reason.values()) {
      if (u.decisions(reason) > 0) {
        decisions.put(reason.word(), u.decisions(reason));
      }
      if (u.wouldHave(reason) > 0) {
        wouldHave.put(reason.word(), u.wouldHave(reason));
      }
    }
    tree.put("decisions", decisions);
    tree.put("would_have", wouldHave);
    return tree;
  }

  private static void limit(Map<String, Object> limits, String origin, long nanos) {
    if (nanos > 0) {
      limits.put(origin, Math.round(nanos / MILLI));
    }
  }
}
