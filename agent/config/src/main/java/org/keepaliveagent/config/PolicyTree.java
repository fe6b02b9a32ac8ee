package org.keepaliveagent.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.policy.Mode;
import org.keepaliveagent.policy.Policy;
import org.keepaliveagent.policy.PolicyTable;
import org.keepaliveagent.policy.UpstreamPattern;

/**
 * A policy file as a tree: {@code mode}, {@code defaults} and {@code upstreams}.
 *
 * <p>Read in two passes. The first judges every value once and reports all that is wrong; only a
 * file without problems gets to the second, which builds the table and therefore cannot fail.
 */
final class PolicyTree {
  /** The keys of the top level. */
  static final List<String> KEYS =
      Collections.unmodifiableList(Arrays.asList("mode", "defaults", "upstreams"));

  private @Nullable Value mode;
  private Block defaults = Block.empty();
  private final List<Block> upstreams = new ArrayList<>();

  private PolicyTree() {}

  /** The tree of an empty file. */
  static PolicyTree empty() {
    return new PolicyTree();
  }

  /** Judges a tree; reports whatever is wrong with it. */
  static PolicyTree read(Value root) {
    PolicyTree tree = new PolicyTree();
    try {
      if (!root.absent()) {
        tree.readKeys(root.entries("a map with mode, defaults or upstreams"));
      }
    } catch (Refusal e) {
      root.complain(e);
    }
    return tree;
  }

  private void readKeys(Map<String, Value> entries) {
    for (Map.Entry<String, Value> entry : entries.entrySet()) {
      String word = entry.getKey();
      Value value = entry.getValue();
      if (word.equals("mode")) {
        mode = value;
        Directive.MODE.set(value, Policy.builder(""));
      } else if (word.equals("defaults")) {
        defaults = value.absent() ? Block.empty() : Block.defaults(value);
      } else if (word.equals("upstreams")) {
        readUpstreams(value);
      } else if (Directive.of(word) != null) {
        value.complainOfKey(ProblemKind.MISPLACED_KEY, word, "in defaults or in an upstream");
      } else {
        String hint = Words.hintOrList(word, KEYS, KEYS);
        value.complainOfKey(ProblemKind.UNKNOWN_KEY, Words.quote(word), hint);
      }
    }
  }

  private void readUpstreams(Value value) {
    if (value.absent()) {
      return;
    }
    try {
      Map<String, Value> earlier = new HashMap<>();
      for (Value item : value.list("a list of upstreams, each with match")) {
        Block upstream = Block.upstream(item);
        upstreams.add(upstream);
        Map<String, Value> own = patterns(upstream);
        reportCovered(own, earlier);
        for (Map.Entry<String, Value> pattern : own.entrySet()) {
          earlier.putIfAbsent(pattern.getKey().toLowerCase(Locale.ROOT), pattern.getValue());
        }
      }
    } catch (Refusal e) {
      value.complain(e);
    }
  }

  /** The patterns of an upstream as they are written; what is no word has been reported before. */
  private static Map<String, Value> patterns(Block upstream) {
    Map<String, Value> patterns = new LinkedHashMap<>();
    Value match = upstream.get(Directive.MATCH);
    try {
      if (match != null) {
        for (Value item : match.items("")) {
          patterns.putIfAbsent(item.word(""), item);
        }
      }
    } catch (Refusal e) {
      // the rest of the list does not matter any more
    }
    return patterns;
  }

  /** The first match wins, so a pattern that stands in an earlier upstream is dead. */
  private static void reportCovered(Map<String, Value> patterns, Map<String, Value> earlier) {
    for (Map.Entry<String, Value> pattern : patterns.entrySet()) {
      String text = pattern.getKey().toLowerCase(Locale.ROOT);
      String by = earlier.containsKey(text) ? text : "*";
      Value first = earlier.get(by);
      if (first != null) {
        pattern
            .getValue()
            .complain(
                ProblemKind.NEVER_MATCHES,
                Words.quote(pattern.getKey()),
                Words.quote(by),
                first.line());
      }
    }
  }

  /**
   * The table; only of a tree without problems.
   *
   * @param override holds instead of every mode of the file
   */
  PolicyTable table(@Nullable Mode override) {
    List<PolicyTable.Entry> entries = new ArrayList<>();
    for (Block upstream : upstreams) {
      List<UpstreamPattern> patterns = new ArrayList<>();
      String first = "";
      for (String pattern : patterns(upstream).keySet()) {
        first = patterns.isEmpty() ? pattern : first;
        patterns.add(UpstreamPattern.parse(pattern));
      }
      entries.add(new PolicyTable.Entry(patterns, policy(first, upstream, defaults, override)));
    }
    return new PolicyTable(policy("default", defaults, Block.empty(), override), entries);
  }

  private Policy policy(String name, Block block, Block inherited, @Nullable Mode override) {
    Policy.Builder policy = Policy.builder(name);
    if (mode != null) {
      Directive.MODE.set(mode, policy);
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
}
