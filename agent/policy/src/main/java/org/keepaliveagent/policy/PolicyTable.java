package org.keepaliveagent.policy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** All policies of one file, in order: the first whose pattern matches an upstream holds for it. */
public final class PolicyTable {
  /** One entry: the policy of every upstream that one of the patterns matches. */
  public static final class Entry {
    private final List<UpstreamPattern> patterns;
    private final Policy policy;

    public Entry(List<UpstreamPattern> patterns, Policy policy) {
      this.patterns = Collections.unmodifiableList(new ArrayList<>(patterns));
      this.policy = policy;
    }

    public List<UpstreamPattern> patterns() {
      return patterns;
    }

    public Policy policy() {
      return policy;
    }

    /** Whether one of the patterns means this upstream. */
    public boolean matches(String scheme, String host, int port) {
      for (UpstreamPattern pattern : patterns) {
        if (pattern.matches(scheme, host, port)) {
          return true;
        }
      }
      return false;
    }
  }

  private final Policy defaults;
  private final List<Entry> entries;
  private final boolean limitsConnections;
  private final boolean watchesPeers;
  private final boolean probes;
  private final boolean repeatsAll;
  private final boolean repeatsKeyed;

  /**
   * @param defaults holds for an upstream that no entry matches
   */
  public PolicyTable(Policy defaults, List<Entry> entries) {
    this.defaults = defaults;
    this.entries = Collections.unmodifiableList(new ArrayList<>(entries));
    boolean limits = limits(defaults);
    boolean counts = counts(defaults);
    boolean asks = probes(defaults);
    boolean all = defaults.nonIdempotent();
    boolean keyed = defaults.idempotencyKey();
    for (Entry entry : entries) {
      limits |= limits(entry.policy);
      counts |= counts(entry.policy);
      asks |= probes(entry.policy);
      all |= entry.policy.nonIdempotent();
      keyed |= entry.policy.idempotencyKey();
    }
    limitsConnections = limits;
    watchesPeers = counts || asks;
    probes = asks;
    repeatsAll = all;
    repeatsKeyed = keyed;
  }

  /** Whether any policy states {@code non_idempotent}. */
  public boolean repeatsAll() {
    return repeatsAll;
  }

  /** Whether any policy lets an {@code Idempotency-Key} make a request one that may be repeated. */
  public boolean repeatsKeyed() {
    return repeatsKeyed;
  }

  /** Whether any policy states {@code max_conns}. */
  boolean limitsConnections() {
    return limitsConnections;
  }

  /** Whether any policy states {@code max_fails} or {@code health_check}. */
  boolean watchesPeers() {
    return watchesPeers;
  }

  /** Whether any policy states {@code health_check}. */
  public boolean probes() {
    return probes;
  }

  private static boolean limits(Policy p) {
    return p.maxConns() != Policy.UNLIMITED;
  }

  private static boolean counts(Policy p) {
    return p.maxFails() != Policy.UNLIMITED;
  }

  private static boolean probes(Policy p) {
    return p.healthCheck().isStated();
  }

  /** The table of an agent without a policy file. */
  public static PolicyTable builtIn(Mode mode) {
    return new PolicyTable(
        Policy.builder("default").mode(mode).build(), Collections.<Entry>emptyList());
  }

  /** The same policies, all with this mode. */
  public PolicyTable withMode(Mode mode) {
    List<Entry> changed = new ArrayList<>();
    for (Entry entry : entries) {
      changed.add(new Entry(entry.patterns, entry.policy.withMode(mode)));
    }
    return new PolicyTable(defaults.withMode(mode), changed);
  }

  /** The policy of an upstream that no entry matches. */
  public Policy defaults() {
    return defaults;
  }

  /** In the order of the file: the first match wins. */
  public List<Entry> entries() {
    return entries;
  }

  /** The policy of an upstream. Called once for each upstream and table, not for each request. */
  public Policy of(String scheme, String host, int port) {
    for (Entry entry : entries) {
      if (entry.matches(scheme, host, port)) {
        return entry.policy;
      }
    }
    return defaults;
  }
}
