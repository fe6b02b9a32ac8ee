package org.keepaliveagent.ittests.bench;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** How many bytes of which class a request allocates where. */
final class AllocationProfile {
  /**
   * What is allocated, and by whom.
   *
   * @param threads {@code agent} for the agent's own, else {@code application}
   * @param method which allocates, and the agent's next to it where the agent is on the stack
   */
  record Site(String threads, String className, String method) {}

  private final Map<Site, Double> bytes = new HashMap<>();

  AllocationProfile(List<AsyncProfiler.Stack> stacks, int requests) {
    for (AsyncProfiler.Stack stack : stacks) {
      if (!Vitals.isOurQuestion(stack.thread())) {
        bytes.merge(site(stack), (double) stack.amount() / requests, Double::sum);
      }
    }
  }

  Map<Site, Double> bytes() {
    return bytes;
  }

  double at(Site site) {
    return Objects.requireNonNullElse(bytes.get(site), 0.0);
  }

  double all(String threads) {
    return bytes.entrySet().stream()
        .filter(entry -> entry.getKey().threads().equals(threads))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }

  private static Site site(AsyncProfiler.Stack stack) {
    List<String> frames = stack.frames();
    int last = frames.size() - 1;
    String className = shortName(frames.get(last));
    String method = last == 0 ? "?" : shortName(frames.get(last - 1));
    for (int i = last - 1; i >= 0; i--) {
      if (AsyncProfiler.isAgents(frames.get(i))) {
        String ours = shortName(frames.get(i));
        method = ours.equals(method) ? method : method + " < " + ours;
        break;
      }
    }
    return new Site(Vitals.isAgents(stack.thread()) ? "agent" : "application", className, method);
  }

  /** Without a method's package, the mark of its kind, and the numbers of lambdas. */
  private static String shortName(String name) {
    String whole = name.replaceFirst("_\\[.\\]$", "").replaceFirst("(\\$\\d+)?[.+/]0x\\w+", "");
    return whole.substring(whole.lastIndexOf('/') + 1);
  }
}
