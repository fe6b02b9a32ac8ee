package org.keepaliveagent.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** A policy in YAML: {@code mode}, {@code defaults} and {@code upstreams}. */
final class YamlPolicy {
  /** The keys of the top level. */
  static final List<String> KEYS =
      Collections.unmodifiableList(Arrays.asList("mode", "defaults", "upstreams", "compat"));

  private final PolicyTree tree = new PolicyTree();

  private YamlPolicy() {}

  /** Reads a tree; reports what does not belong where it stands. */
  static PolicyTree read(Value root) {
    YamlPolicy policy = new YamlPolicy();
    try {
      if (!root.absent()) {
        policy.readKeys(root.entries("a map with mode, defaults or upstreams"));
      }
    } catch (Refusal e) {
      root.complain(e);
    }
    return policy.tree;
  }

  private void readKeys(Map<String, Value> entries) throws Refusal {
    for (Map.Entry<String, Value> entry : entries.entrySet()) {
      String word = entry.getKey();
      Value value = entry.getValue();
      if (word.equals("mode")) {
        tree.mode(value);
      } else if (word.equals("defaults")) {
        tree.defaults(value.absent() ? new Block() : block(value, false));
      } else if (word.equals("upstreams")) {
        readUpstreams(value);
      } else if (word.equals("compat")) {
        readCompat(value);
      } else if (Directive.of(word) != null) {
        value.complainOfKey(ProblemKind.MISPLACED_KEY, word, "in defaults or in an upstream");
      } else {
        List<String> near = new ArrayList<>(KEYS);
        near.addAll(Directive.WORDS);
        String hint = Words.hintOrList(word, near, KEYS);
        value.complainOfKey(ProblemKind.UNKNOWN_KEY, Words.quote(word), hint);
      }
    }
  }

  /** Known, since it belongs to the language; a YAML policy has no defaults of nginx. */
  private static void readCompat(Value value) {
    try {
      String word = value.word(Words.either(Compat.WORDS));
      if (Compat.of(word) == null) {
        throw new Refusal(
            ProblemKind.NOT_ALLOWED, Words.quote(word), Words.either(Compat.WORDS), ".");
      }
      value.complainOfKey(
          ProblemKind.WITHOUT_EFFECT, "compat", "it chooses nginx's defaults, for nginx notation");
    } catch (Refusal e) {
      value.complain(e);
    }
  }

  private void readUpstreams(Value value) {
    if (value.absent()) {
      return;
    }
    try {
      for (Value item : value.list("a list of upstreams, each with match")) {
        Block upstream = block(item, true);
        tree.add(upstream);
      }
    } catch (Refusal e) {
      value.complain(e);
    }
  }

  private static Block block(Value value, boolean upstream) {
    Block block = new Block();
    try {
      read(value.entries("a map of directives" + (upstream ? " with match" : "")), block, upstream);
      if (upstream && block.get(Directive.MATCH) == null) {
        value.complain(ProblemKind.NO_MATCH, Directive.MATCH.form().allowed());
      }
    } catch (Refusal e) {
      value.complain(e);
    }
    return block;
  }

  private static void read(Map<String, Value> entries, Block block, boolean upstream) {
    for (Map.Entry<String, Value> entry : entries.entrySet()) {
      String word = entry.getKey();
      Value value = entry.getValue();
      Directive directive = Directive.of(word);
      if (directive == Directive.MATCH && !upstream) {
        value.complainOfKey(ProblemKind.MISPLACED_KEY, word, "in an upstream");
      } else if (directive != null) {
        block.state(directive, value);
      } else if (KEYS.contains(word)) {
        value.complainOfKey(ProblemKind.MISPLACED_KEY, word, "at the top level");
      } else {
        String hint = Words.hintOrList(word, Directive.WORDS, Directive.WORDS);
        value.complainOfKey(ProblemKind.UNKNOWN_KEY, Words.quote(word), hint);
      }
    }
  }
}
