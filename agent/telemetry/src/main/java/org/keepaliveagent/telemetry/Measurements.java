package org.keepaliveagent.telemetry;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.keepaliveagent.policy.Attempt;
import org.keepaliveagent.policy.Engine;
import org.keepaliveagent.policy.Finding;
import org.keepaliveagent.policy.Histogram;
import org.keepaliveagent.policy.Library;
import org.keepaliveagent.policy.Reason;
import org.keepaliveagent.policy.Upstream;
import org.keepaliveagent.policy.Usage;

/**
 * Reads every metric from the engine's plain counters, when somebody looks. Any thread but the
 * application's.
 *
 * <p>Counters with an attribute of many possible values are there for those values that happened.
 */
public final class Measurements implements Supplier<List<Measurement>> {
  private final Engine engine;
  private final Collection<Library> libraries;
  private final LongSupplier dropped;
  private final LongSupplier reloads;
  private final LongSupplier failedReloads;

  /**
   * @param dropped attempts that became no span
   * @param reloads how often a changed policy file was put in force
   * @param failedReloads how often one was not good
   */
  public Measurements(
      Engine engine,
      Collection<Library> libraries,
      LongSupplier dropped,
      LongSupplier reloads,
      LongSupplier failedReloads) {
    this.engine = engine;
    this.libraries = libraries;
    this.dropped = dropped;
    this.reloads = reloads;
    this.failedReloads = failedReloads;
  }

  @Override
  public List<Measurement> get() {
    Reading reading = new Reading();
    for (Usage usage : engine.usage()) {
      if (!usage.library().isEmpty()) {
        reading.connections(usage);
      }
      reading.actions(usage);
      reading.retries(usage);
    }
    for (Upstream u : engine.upstreams()) {
      reading.add(Metric.UNHEALTHY, of(u), u.health().isUnhealthy() ? 1 : 0);
    }
    for (Finding finding : engine.findings(System.nanoTime())) {
      reading.add(Metric.FINDINGS, with(of(finding.upstream()), "id", finding.kind().id()), 1);
    }
    Map<String, String> none = new LinkedHashMap<>();
    reading.add(Metric.RELOADS, with(none, "result", "done"), reloads.getAsLong());
    reading.add(Metric.RELOADS, with(none, "result", "failed"), failedReloads.getAsLong());
    for (Library library : libraries) {
      reading.add(Metric.HOOK_FAILURES, with(none, "library", library.name()), library.faults());
    }
    reading.add(Metric.EVENTS_DROPPED, none, dropped.getAsLong());
    return reading.list;
  }

  private static Map<String, String> of(Upstream u) {
    Map<String, String> attributes = new LinkedHashMap<>();
    attributes.put("server.address", u.host());
    attributes.put("server.port", Integer.toString(u.port()));
    attributes.put("url.scheme", u.scheme());
    return attributes;
  }

  private static Map<String, String> of(Usage usage) {
    Map<String, String> attributes = of(usage.upstream());
    if (!usage.library().isEmpty()) {
      attributes.put("library", usage.library());
    }
    return attributes;
  }

  private static Map<String, String> with(Map<String, String> some, String... more) {
    Map<String, String> attributes = new LinkedHashMap<>(some);
    for (int i = 0; i < more.length; i += 2) {
      attributes.put(more[i], more[i + 1]);
    }
    return attributes;
  }

  /** One look at everything. */
  private static final class Reading {
    final List<Measurement> list = new ArrayList<>();

    void add(Metric metric, Map<String, String> attributes, long value) {
      list.add(new Measurement(metric, attributes, value, null));
    }

    private void add(Metric metric, Map<String, String> attributes, Histogram histogram) {
      list.add(new Measurement(metric, attributes, 0, histogram));
    }

    /** The same with more attributes; nothing of what never happened, which is most of it. */
    private void addIfAny(Metric metric, Map<String, String> of, long value, String... more) {
      if (value > 0) {
        add(metric, with(of, more), value);
      }
    }

    void connections(Usage usage) {
      Map<String, String> of = of(usage);
      String state = "http.connection.state";
      add(Metric.OPEN_CONNECTIONS, with(of, state, "idle"), usage.idle());
      add(Metric.OPEN_CONNECTIONS, with(of, state, "active"), usage.open() - usage.idle());
      add(Metric.ACTIVE_REQUESTS, of, usage.activeRequests());
      add(Metric.REQUESTS, of, usage.requests());
      add(Metric.CREATED, of, usage.created());
      for (Map.Entry<String, Long> closed : usage.closed().entrySet()) {
        add(Metric.CLOSED, with(of, "close.reason", closed.getKey()), closed.getValue());
      }
      add(Metric.CONNECTION_DURATION, of, usage.durations());
      add(Metric.REQUESTS_AT_CLOSE, of, usage.requestsAtClose());
      add(Metric.IDLE_DURATION, of, usage.idleTimes());
      for (Attempt.Phase phase : Attempt.Phase.values()) {
        resets(usage, of, phase, true);
        resets(usage, of, phase, false);
      }
    }

    private void resets(Usage usage, Map<String, String> of, Attempt.Phase phase, boolean reused) {
      long resets = usage.resets(phase, reused);
      addIfAny(
          Metric.RESETS, of, resets, "phase", phase.word(), "reused", Boolean.toString(reused));
    }

    void actions(Usage usage) {
      Map<String, String> of = of(usage);
      for (Reason reason : Reason.values()) {
        String word = reason.word();
        addIfAny(Metric.ACTIONS, of, usage.decisions(reason), "action", word, "mode", "enforce");
        addIfAny(Metric.ACTIONS, of, usage.wouldHave(reason), "action", word, "mode", "observe");
      }
    }

    /**
     * Denied by the rule's reason; where the rule allowed, by who did not do it: the library, or
     * the mode that only observes.
     */
    void retries(Usage usage) {
      Map<String, String> of = of(usage);
      for (Reason reason : Reason.values()) {
        long allowed = usage.retries(reason, true, false) + usage.retries(reason, true, true);
        long denied = usage.retries(reason, false, false);
        long observed = usage.retries(reason, false, true);
        String word = reason.word();
        addIfAny(Metric.RETRIES, of, allowed, "reason", word, "decision", "allowed");
        if (reason.allows()) {
          denied(of, denied, word, "library");
          denied(of, observed, word, "observe");
        } else {
          denied(of, denied + observed, word, word);
        }
      }
    }

    private void denied(Map<String, String> of, long count, String reason, String by) {
      addIfAny(Metric.RETRIES, of, count, "reason", reason, "decision", "denied", "denied_by", by);
    }
  }
}
