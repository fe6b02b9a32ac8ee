package org.keepaliveagent.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.policy.Mode;
import org.keepaliveagent.policy.Policy;
import org.keepaliveagent.policy.PolicyTable;
import org.keepaliveagent.policy.UpstreamPattern;

/**
 * A policy as a tree, in whichever notation it was written: {@code mode}, {@code defaults} and
 * upstreams.
 *
 * <p>Used in two passes. {@link #judge} looks at every value once and reports all that is wrong;
 * only a tree without errors gets to {@link #table}, which therefore cannot fail.
 */
final class PolicyTree {
  /** The name of the policy that holds where no upstream matches. */
  static final String DEFAULT = "default";

  private @Nullable Value mode;
  private Block defaults = new Block();
  private final List<Block> upstreams = new ArrayList<>();

  void mode(Value value) {
    mode = value;
    Directive.MODE.form().set(value, Policy.builder(""));
  }

  void defaults(Block block) {
    defaults = block;
  }

  void add(Block upstream) {
    upstreams.add(upstream);
  }

  Block defaults() {
    return defaults;
  }

  List<Block> upstreams() {
    return Collections.unmodifiableList(upstreams);
  }

  /** Reports whatever is wrong. */
  void judge() {
    defaults.judge(new Block());
    Map<UpstreamPattern, Value> earlier = new LinkedHashMap<>();
    for (Block upstream : upstreams) {
      upstream.judge(defaults);
      Map<UpstreamPattern, Value> own = patterns(upstream);
      for (Map.Entry<UpstreamPattern, Value> pattern : own.entrySet()) {
        reportCovered(pattern.getKey(), pattern.getValue(), earlier);
      }
      earlier.putAll(own);
    }
  }

  /** The patterns of an upstream; what is none has been reported before. */
  static Map<UpstreamPattern, Value> patterns(Block upstream) {
    Map<UpstreamPattern, Value> patterns = new LinkedHashMap<>();
    Value match = upstream.get(Directive.MATCH);
    try {
      if (match != null) {
        for (Value item : match.items("")) {
          patterns.put(UpstreamPattern.parse(item.word("")), item);
        }
      }
    } catch (Refusal | IllegalArgumentException e) {
      // the rest of the list does not matter any more
    }
    return patterns;
  }

  /** The first match wins, so a pattern that an earlier upstream's covers is dead. */
  private static void reportCovered(
      UpstreamPattern pattern, Value value, Map<UpstreamPattern, Value> earlier) {
    for (Map.Entry<UpstreamPattern, Value> before : earlier.entrySet()) {
      if (before.getKey().covers(pattern)) {
        value.complain(
            ProblemKind.NEVER_MATCHES,
            Words.quote(pattern.toString()),
            Words.quote(before.getKey().toString()),
            before.getValue().line());
        return;
      }
    }
  }

  /**
   * The table; only of a tree without errors.
   *
   * @param override holds instead of every mode of the file
   */
  PolicyTable table(@Nullable Mode override) {
    List<PolicyTable.Entry> entries = new ArrayList<>();
    for (Block upstream : upstreams) {
      List<UpstreamPattern> patterns = new ArrayList<>(patterns(upstream).keySet());
      String first = patterns.isEmpty() ? "" : patterns.get(0).toString();
      entries.add(new PolicyTable.Entry(patterns, policy(first, upstream, defaults, override)));
    }
    return new PolicyTable(policy(DEFAULT, defaults, new Block(), override), entries);
  }

  private Policy policy(String name, Block block, Block inherited, @Nullable Mode override) {
    Policy.Builder policy = Policy.builder(name);
    if (mode != null) {
      Directive.MODE.form().set(mode, policy);
    }
    block.setOn(policy, inherited);
    if (block.get(Directive.NAME) == null) {
      policy.name(name);
    }
    if (override != null) {
      policy.mode(override);
    }
    return policy.build();
  }

  /**
   * Where the value of a directive comes from.
   *
   * @param overridden whether an option of the agent holds instead of every mode of the file
   */
  String origin(Directive directive, Block block, boolean overridden) {
    Value value = block.get(directive, defaults);
    if (directive == Directive.MODE) {
      if (overridden) {
        return "option mode";
      }
      value = value == null ? mode : value;
    }
    if (directive == Directive.NAME && block.get(directive) == null) {
      return block == defaults ? "built in" : "its first pattern";
    }
    return value == null ? "built in" : value.origin();
  }
}
