package org.keepaliveagent.config;

import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.policy.Policy;

/** The directives that {@code defaults} or one upstream states. */
final class Block {
  private final Map<Directive, Value> stated = new EnumMap<>(Directive.class);

  private Block() {}

  /** A block that states nothing. */
  static Block empty() {
    return new Block();
  }

  /** Reads {@code defaults}; reports whatever is wrong with it. */
  static Block defaults(Value value) {
    Block block = new Block();
    try {
      block.read(value.entries("a map of directives"), false);
    } catch (Refusal e) {
      value.complain(e);
    }
    return block;
  }

  /** Reads the block of an upstream; reports whatever is wrong with it. */
  static Block upstream(Value value) {
    Block block = new Block();
    try {
      block.read(value.entries("a map of directives with match"), true);
      if (!block.stated.containsKey(Directive.MATCH)) {
        value.complain(ProblemKind.NO_MATCH, Directive.MATCH.allowed());
      }
    } catch (Refusal e) {
      value.complain(e);
    }
    return block;
  }

  private void read(Map<String, Value> entries, boolean upstream) {
    for (Map.Entry<String, Value> entry : entries.entrySet()) {
      String word = entry.getKey();
      Value value = entry.getValue();
      Directive directive = Directive.of(word);
      if (directive == Directive.MATCH && !upstream) {
        value.complainOfKey(ProblemKind.MISPLACED_KEY, word, "in an upstream");
      } else if (directive != null) {
        stated.put(directive, value);
      } else if (PolicyTree.KEYS.contains(word)) {
        value.complainOfKey(ProblemKind.MISPLACED_KEY, word, "at the top level");
      } else {
        String hint = Words.hintOrList(word, Directive.WORDS, Directive.SUPPORTED);
        value.complainOfKey(ProblemKind.UNKNOWN_KEY, Words.quote(word), hint);
      }
    }
    judge();
  }

  /** Sets everything on a policy that is thrown away, and looks for contradictions in it. */
  private void judge() {
    Policy.Builder scratch = Policy.builder("");
    setOn(scratch, empty());
    Policy policy = scratch.build();
    if (policy.maxIdle() == 0) {
      contradiction(Directive.KEEPALIVE_TIMEOUT, ProblemKind.NEVER_PARKED, Directive.KEEPALIVE);
    }
    if (policy.managesRetries() && policy.nextUpstream().isEmpty()) {
      Directive off = Directive.NEXT_UPSTREAM;
      contradiction(Directive.NEXT_UPSTREAM_TRIES, ProblemKind.NEVER_RETRIED, off);
      contradiction(Directive.NEXT_UPSTREAM_TIMEOUT, ProblemKind.NEVER_RETRIED, off);
    }
  }

  private void contradiction(Directive one, ProblemKind kind, Directive other) {
    Value value = stated.get(one);
    Value cause = stated.get(other);
    if (value != null && cause != null) {
      value.complain(kind, one.word(), cause.line());
    }
  }

  /** Sets what this block states, and what it does not state as the other block has it. */
  void setOn(Policy.Builder policy, Block inherited) {
    for (Directive directive : Directive.values()) {
      Value value = get(directive);
      if (value == null) {
        value = inherited.get(directive);
      }
      if (value != null) {
        directive.set(value, policy);
      }
    }
  }

  /** The value of a directive; null where this block does not state it. */
  @Nullable Value get(Directive directive) {
    return stated.get(directive);
  }
}
