package org.keepaliveagent.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.keepaliveagent.policy.FailureKind;
import org.keepaliveagent.policy.Mode;
import org.keepaliveagent.policy.Policy;
import org.keepaliveagent.policy.UpstreamPattern;

/**
 * What the directives do with their values. Each takes a value or refuses it with a phrase; of a
 * list or a map each item is judged for itself.
 */
final class Setters {
  static final String TIME = "a time such as 500ms, 60s or 1h30m";
  static final String SWITCH = "on or off";

  private static final String NON_IDEMPOTENT = "non_idempotent";
  private static final String OFF = "off";

  /** The words of {@code next_upstream}. */
  static final List<String> KINDS = kinds();

  /** Takes nanoseconds. */
  interface LongField {
    Policy.Builder set(Policy.Builder policy, long value);
  }

  /** Takes on or off. */
  interface Flag {
    Policy.Builder set(Policy.Builder policy, boolean value);
  }

  private Setters() {}

  private static List<String> kinds() {
    List<String> words = new ArrayList<>();
    for (FailureKind kind : FailureKind.values()) {
      words.add(kind.word());
    }
    Collections.addAll(words, NON_IDEMPOTENT, OFF);
    return Collections.unmodifiableList(words);
  }

  static Directive.Setter time(LongField field) {
    return (value, allowed, policy) -> field.set(policy, Numbers.nanos(value.word(allowed)));
  }

  static Directive.Setter onOff(Flag field) {
    return (value, allowed, policy) -> {
      String word = value.word(allowed);
      if (!word.equals("on") && !word.equals(OFF)) {
        throw new Refusal(ProblemKind.NOT_ALLOWED, Words.quote(word), allowed, ".");
      }
      field.set(policy, word.equals("on"));
    };
  }

  static void name(Value value, String allowed, Policy.Builder policy) throws Refusal {
    String name = value.word(allowed);
    if (name.trim().isEmpty() || !Words.quote(name).equals('"' + name + '"')) {
      throw new Refusal(
          ProblemKind.NOT_ALLOWED,
          Words.quote(name),
          "a name of 1 to 60 printable characters",
          ".");
    }
    policy.name(name);
  }

  static void mode(Value value, String allowed, Policy.Builder policy) throws Refusal {
    String word = value.word(allowed);
    Mode mode = Words.mode(word);
    if (mode == null) {
      String hint = Words.hint(word, Words.MODES);
      throw new Refusal(ProblemKind.NOT_ALLOWED, Words.quote(word), allowed, hint);
    }
    policy.mode(mode);
  }

  /** Only judges the patterns: they belong to the table, not to the policy. */
  static void match(Value value, String allowed, Policy.Builder policy) throws Refusal {
    for (Value item : value.items(allowed)) {
      try {
        String text = item.word(allowed);
        try {
          UpstreamPattern.parse(text);
        } catch (IllegalArgumentException e) {
          throw new Refusal(
              ProblemKind.BAD_PATTERN, Words.quote(text), String.valueOf(e.getMessage()));
        }
      } catch (Refusal e) {
        item.complain(e);
      }
    }
  }

  static void keepalive(Value value, String allowed, Policy.Builder policy) throws Refusal {
    String word = value.word(allowed);
    policy.maxIdle(word.equals(OFF) ? 0 : Numbers.count(word, allowed));
  }

  static void requests(Value value, String allowed, Policy.Builder policy) throws Refusal {
    long count = Numbers.count(value.word(allowed), allowed);
    if (count == 0) {
      throw new Refusal(ProblemKind.NO_REQUESTS);
    }
    policy.maxRequests(count);
  }

  /** A scope of one pool would need the pool's identity, which the hooks do not give yet. */
  static void scope(Value value, String allowed, Policy.Builder policy) throws Refusal {
    String word = value.word(allowed);
    if (word.equals("pool")) {
      throw new Refusal(ProblemKind.UNSUPPORTED_VALUE, Words.quote(word), allowed);
    }
    if (!word.equals(allowed)) {
      String hint = Words.hint(word, Collections.singletonList(allowed));
      throw new Refusal(ProblemKind.NOT_ALLOWED, Words.quote(word), allowed, hint);
    }
  }

  static void fresh(Value value, String allowed, Policy.Builder policy) throws Refusal {
    String word = value.word(allowed);
    policy.freshPercent(word.equals(OFF) ? 100 : Numbers.percent(word, allowed));
  }

  static void setHeader(Value value, String allowed, Policy.Builder policy) throws Refusal {
    for (Map.Entry<String, Value> header : value.entries(allowed).entrySet()) {
      Value content = header.getValue();
      try {
        if (!token(header.getKey())) {
          content.complainOfKey(ProblemKind.HEADER_NAME, Words.quote(header.getKey()));
          continue;
        }
        String word = content.word("\"\"");
        if (!word.isEmpty()) {
          throw new Refusal(ProblemKind.HEADER_VALUE, Words.quote(word));
        }
        policy.removeHeader(header.getKey());
      } catch (Refusal e) {
        content.complain(e);
      }
    }
  }

  /** RFC 9110, 5.6.2. */
  private static boolean token(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!letter && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
        return false;
      }
    }
    return !name.isEmpty();
  }

  static void nextUpstream(Value value, String allowed, Policy.Builder policy) throws Refusal {
    List<Value> items = value.items(allowed);
    List<String> words = new ArrayList<>();
    for (Value item : items) {
      try {
        words.add(kindWord(item, allowed));
      } catch (Refusal e) {
        item.complain(e);
      }
    }
    if (words.contains(OFF) && items.size() > 1) {
      throw new Refusal(ProblemKind.OFF_AND_MORE);
    }
    if (words.size() < items.size()) {
      return;
    }
    Set<FailureKind> kinds = EnumSet.noneOf(FailureKind.class);
    for (FailureKind kind : FailureKind.values()) {
      if (words.contains(kind.word())) {
        kinds.add(kind);
      }
    }
    boolean nonIdempotent = words.contains(NON_IDEMPOTENT);
    if (nonIdempotent && kinds.isEmpty()) {
      throw new Refusal(ProblemKind.NO_KIND);
    }
    policy.nextUpstream(kinds, nonIdempotent);
  }

  private static String kindWord(Value item, String allowed) throws Refusal {
    String word = item.word(allowed);
    if (KINDS.contains(word)) {
      return word;
    }
    if (word.trim().indexOf(' ') > 0 || word.indexOf(',') > 0) {
      throw new Refusal(ProblemKind.SEVERAL_WORDS, Words.quote(word), "[error, timeout]");
    }
    String hint = Words.hint(word, KINDS);
    throw new Refusal(ProblemKind.NOT_ALLOWED, Words.quote(word), allowed, hint);
  }

  /**
   * 0 is one attempt for each server, as in {@code ngx_http_upstream_tries}; an upstream is one.
   */
  static void tries(Value value, String allowed, Policy.Builder policy) throws Refusal {
    long count = Numbers.count(value.word(allowed), allowed);
    policy.tries(Math.max(1, count));
  }

  /** 0 is no limit, as in {@code ngx_http_upstream_next}. */
  static void retryTime(Value value, String allowed, Policy.Builder policy) throws Refusal {
    long nanos = Numbers.nanos(value.word(allowed));
    policy.retryNanos(nanos == 0 ? Policy.UNLIMITED : nanos);
  }
}
