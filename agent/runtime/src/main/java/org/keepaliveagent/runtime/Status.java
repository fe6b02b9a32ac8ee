package org.keepaliveagent.runtime;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.config.Json;
import org.keepaliveagent.policy.Engine;
import org.keepaliveagent.policy.Finding;
import org.keepaliveagent.policy.Journal;
import org.keepaliveagent.policy.Library;
import org.keepaliveagent.policy.Mode;
import org.keepaliveagent.policy.Upstream;
import org.keepaliveagent.policy.Usage;
import org.keepaliveagent.telemetry.Measurements;
import org.keepaliveagent.telemetry.PrometheusText;

/**
 * What the agent knows at this moment, as a tree of values: the page, its JSON, the command {@code
 * status} and JMX all show this one. Any thread but the application's.
 */
final class Status {
  private final Engine engine;
  private final Reload reload;
  private final Collection<Library> libraries;
  private final Collection<Seen> seen;
  private final LongSupplier dropped;
  private final Measurements measurements;

  /**
   * @param seen the libraries that were met
   * @param dropped how many events became no span
   */
  Status(
      Engine engine,
      Reload reload,
      Collection<Library> libraries,
      Collection<Seen> seen,
      LongSupplier dropped) {
    this.engine = engine;
    this.reload = reload;
    this.libraries = libraries;
    this.seen = seen;
    this.dropped = dropped;
    this.measurements = new Measurements(engine, libraries, dropped, reload::done, reload::failed);
  }

  String json() {
    return Json.of(tree());
  }

  /** Each of the {@code findings}, {@code upstreams} or {@code events} in a line of its own. */
  String[] lines(String section) {
    return StatusText.lines(tree(), section);
  }

  /** The metrics, as Prometheus reads them. */
  String metrics() {
    return PrometheusText.of(measurements.get());
  }

  Measurements measurements() {
    return measurements;
  }

  /** Everything, in the order in which people want it. */
  Map<String, Object> tree() {
    long now = System.nanoTime();
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("version", Version.get());
    tree.put("policy", policy());
    Map<Upstream, List<Usage>> usage = new HashMap<>();
    for (Usage each : engine.usage()) {
      usage.computeIfAbsent(each.upstream(), u -> new ArrayList<>()).add(each);
    }
    List<Upstream> upstreams = new ArrayList<>(engine.upstreams());
    upstreams.sort(Comparator.comparing(Upstream::toString));
    List<Object> shown = new ArrayList<>();
    for (Upstream upstream : upstreams) {
      List<Usage> of = usage.getOrDefault(upstream, new ArrayList<>());
      shown.add(UpstreamStatus.of(upstream, of, now));
    }
    tree.put("upstreams", shown);
    tree.put("findings", findings(now));
    tree.put("libraries", libraries());
    tree.put("events", events(now));
    tree.put("events_dropped", dropped.getAsLong());
    return tree;
  }

  private Map<String, Object> policy() {
    Configuration configuration = reload.configuration();
    Map<String, Object> policy = new LinkedHashMap<>();
    policy.put("source", configuration.source());
    if (!configuration.hash().isEmpty()) {
      policy.put("sha256", configuration.hash());
    }
    Mode mode = configuration.mode();
    policy.put("mode", mode == null ? "as each policy states" : mode.word());
    policy.put("can_switch", !configuration.statusToken().isEmpty());
    policy.put("reloads", reload.done());
    policy.put("failed_reloads", reload.failed());
    Instant last = reload.doneAt();
    if (last != null) {
      policy.put("last_reload", last.toEpochMilli());
    }
    return policy;
  }

  private List<Object> findings(long now) {
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
    return findings;
  }

  /** Those that were met here; a fault tells of one too. */
  private List<Object> libraries() {
    List<Object> met = new ArrayList<>();
    for (Seen each : seen) {
      Library library = library(each.library());
      Map<String, Object> tree = new LinkedHashMap<>();
      tree.put("name", each.copy());
      tree.put("from", each.from());
      String missing = each.missing();
      boolean armed = library == null || library.armed();
      tree.put("hooked", missing == null && armed);
      if (missing != null) {
        tree.put("missing", missing);
      }
      tree.put("faults", library == null ? 0 : library.faults());
      met.add(tree);
    }
    return met;
  }

  private @Nullable Library library(String name) {
    for (Library library : libraries) {
      if (library.name().equals(name)) {
        return library;
      }
    }
    return null;
  }

  private List<Object> events(long now) {
    long epochMillis = System.currentTimeMillis();
    List<Object> events = new ArrayList<>();
    for (Journal.Entry entry : engine.journal().entries()) {
      Map<String, Object> event = new LinkedHashMap<>();
      event.put("at", epochMillis - (now - entry.at()) / 1_000_000);
      event.put("kind", entry.kind().word());
      event.put("text", entry.text());
      events.add(event);
    }
    return events;
  }
}
