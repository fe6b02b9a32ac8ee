package org.keepaliveagent.config;

import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.policy.Policy;

/** The directives that {@code defaults} or one upstream states. */
final class Block {
  private final Map<Directive, Value> stated = new EnumMap<>(Directive.class);

  /** States a directive; what was stated before is replaced. */
  void state(Directive directive, Value value) {
    stated.put(directive, value);
  }

  /** A block that states the same. */
  Block copy() {
    Block copy = new Block();
    copy.stated.putAll(stated);
    return copy;
  }

  /** The value of a directive; null where this block does not state it. */
  @Nullable Value get(Directive directive) {
    return stated.get(directive);
  }

  /** The value of a directive, of this block or else of the other; null where neither has it. */
  @Nullable Value get(Directive directive, Block inherited) {
    Value own = stated.get(directive);
    return own == null ? inherited.stated.get(directive) : own;
  }

  /** Sets what this block states, and what it does not state as the other block has it. */
  void setOn(Policy.Builder policy, Block inherited) {
    for (Directive directive : Directive.values()) {
      Value value = get(directive, inherited);
      if (value != null) {
        directive.form().set(value, policy);
      }
    }
  }

  /** Judges every value, and looks for what this block states in vain. */
  void judge(Block inherited) {
    Policy.Builder scratch = Policy.builder("");
    setOn(scratch, inherited);
    Policy p = scratch.build();
    if (p.maxIdle() == 0) {
      contradiction(Directive.KEEPALIVE_REQUESTS, Directive.KEEPALIVE, inherited);
      contradiction(Directive.KEEPALIVE_TIME, Directive.KEEPALIVE, inherited);
    }
    if (p.maxIdle() == 0 && p.idleNanos() > 0) {
      contradiction(Directive.KEEPALIVE_TIMEOUT, Directive.KEEPALIVE, inherited);
    }
    if (p.maxIdle() > 0 && p.idleNanos() == 0) {
      contradiction(Directive.KEEPALIVE, Directive.KEEPALIVE_TIMEOUT, inherited);
    }
    if (p.maxIdle() > 0 && p.http10()) {
      contradiction(Directive.KEEPALIVE, Directive.HTTP_VERSION, inherited);
    }
    if (p.managesRetries() && p.nextUpstream().isEmpty()) {
      contradiction(Directive.NEXT_UPSTREAM_TRIES, Directive.NEXT_UPSTREAM, inherited);
      contradiction(Directive.NEXT_UPSTREAM_TIMEOUT, Directive.NEXT_UPSTREAM, inherited);
      if (p.retryPercent() != Policy.UNLIMITED_PERCENT) {
        contradiction(Directive.RETRY_BUDGET, Directive.NEXT_UPSTREAM, inherited);
      }
    }
    if (p.maxFails() == 0) {
      contradiction(Directive.FAIL_TIMEOUT, Directive.MAX_FAILS, inherited);
    }
  }

  private void contradiction(Directive vain, Directive cause, Block inherited) {
    Value value = stated.get(vain);
    Value because = get(cause, inherited);
    if (value != null && because != null && value.written() && because.written()) {
      value.complain(kind(cause), vain.word(), cause.word(), "line " + because.line());
    }
  }

  private static ProblemKind kind(Directive cause) {
    if (cause == Directive.NEXT_UPSTREAM) {
      return ProblemKind.NEVER_RETRIED;
    }
    return cause == Directive.MAX_FAILS ? ProblemKind.NEVER_COUNTED : ProblemKind.NEVER_PARKED;
  }
}
