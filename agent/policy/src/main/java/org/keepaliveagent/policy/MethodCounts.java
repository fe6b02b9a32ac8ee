package org.keepaliveagent.policy;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * A count for each method. Methods are the application's words, so that only the first {@value
 * #KEPT} are told apart; the rest is counted together. Any thread.
 */
final class MethodCounts {
  private static final int KEPT = 16;
  private static final String OTHER = "other methods";

  private final ConcurrentMap<String, LongAdder> counts = new ConcurrentHashMap<>();

  void count(String method) {
    String key = counts.size() < KEPT || counts.containsKey(method) ? method : OTHER;
    counts.computeIfAbsent(key, k -> new LongAdder()).increment();
  }

  long sum() {
    long sum = 0;
    for (LongAdder adder : counts.values()) {
      sum += adder.sum();
    }
    return sum;
  }

  /** Whether one of the methods may be repeated. */
  boolean anyIdempotent() {
    for (String method : counts.keySet()) {
      if (!method.equals(OTHER) && Rules.isIdempotent(method)) {
        return true;
      }
    }
    return false;
  }

  /** {@code 3 POST, 1 PUT}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Map.Entry<String, LongAdder> entry : new TreeMap<>(counts).entrySet()) {
      text.append(text.length() == 0 ? "" : ", ").append(entry.getValue().sum());
      text.append(' ').append(entry.getKey());
    }
    return text.toString();
  }
}
