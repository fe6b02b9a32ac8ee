package org.keepaliveagent.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Says in words what a policy means for one request. The answers are those of the {@link Rules},
 * asked with made-up connections, so that the words cannot differ from what is done.
 */
public final class Explanation {
  private static final long NOW = Long.MAX_VALUE / 4;
  private static final long LONGEST = 365L * 86_400_000_000_000L;
  private static final long MILLISECOND = 1_000_000L;

  /** What many servers advertise: Node.js and Apache httpd with their defaults. */
  private static final String ADVERTISED = "timeout=5";

  private final Policy policy;
  private final Upstream upstream;
  private final String method;
  private final boolean repeatable;

  private Explanation(Policy policy, Upstream upstream, String method) {
    this.policy = policy;
    this.upstream = upstream;
    this.method = method;
    this.repeatable = Rules.repeatable(policy, method, false);
  }

  /**
   * The sentences, in the order of a request's life.
   *
   * @param method in capitals
   */
  public static List<String> of(
      PolicyTable table, String scheme, String host, int port, String method) {
    Policy policy = table.of(scheme, host, port);
    Upstream upstream = new Upstream(scheme, host, port, policy);
    return new Explanation(policy, upstream, method).sentences();
  }

  private List<String> sentences() {
    List<String> said = new ArrayList<>();
    said.add(
        method
            + " "
            + upstream
            + " goes by the policy "
            + policy.name()
            + ", mode "
            + policy.mode().word()
            + ".");
    if (policy.mode() == Mode.OFF) {
      said.add("Nothing is done: the library's own rules hold.");
      return said;
    }
    if (policy.mode() == Mode.OBSERVE) {
      said.add("Nothing of the following is done; it is counted as what would have been done.");
    }
    said.add(lease());
    said.add(park());
    said.add(headers());
    said.add("Dies on a reused connection before a response: " + retry(FailureKind.ERROR, true));
    said.add("Dies on a fresh connection before a response: " + retry(FailureKind.ERROR, false));
    said.add("No answer in time: " + retry(FailureKind.TIMEOUT, false));
    for (FailureKind kind : policy.nextUpstream()) {
      if (kind.word().startsWith("http_")) {
        said.add("Answered by " + kind.word() + ": " + retry(kind, false));
      }
    }
    said.add("Once a response has begun: never tried again.");
    if (!repeatable && policy.idempotencyKey()) {
      said.add("With an Idempotency-Key it counts as safe to repeat.");
    }
    return said;
  }

  private String lease() {
    String limit = longestIdle(connection(null));
    String said = "A parked connection carries it if it was idle " + limit;
    if (policy.parksNothing()) {
      return "No parked connection carries it: the policy parks nothing.";
    }
    if (policy.maxAgeNanos() != Policy.UNLIMITED) {
      said +=
          " and is younger than " + Findings.shown(policy.maxAgeNanos()) + ", less up to a tenth";
    }
    return said
        + "; "
        + longestIdle(connection(ADVERTISED))
        + " where the upstream advertises Keep-Alive: "
        + ADVERTISED
        + (policy.learn() ? "; what the upstream's own closes teach may lower it." : ".");
  }

  private String longestIdle(Connection c) {
    LongPredicate reused = idle -> Rules.lease(c, policy, NOW - idle, NOW, repeatable).allows();
    if (!reused.test(0)) {
      return "never";
    }
    if (reused.test(LONGEST)) {
      return "for however long";
    }
    long yes = 0;
    long no = LONGEST;
    while (no - yes > MILLISECOND / 2) {
      long middle = yes + (no - yes) / 2;
      if (reused.test(middle)) {
        yes = middle;
      } else {
        no = middle;
      }
    }
    return "for less than " + Findings.shown((no + MILLISECOND / 2) / MILLISECOND * MILLISECOND);
  }

  private Connection connection(@Nullable String keepAlive) {
    Library library = new Library("none", connection -> {});
    Connection c = new Connection(this, 0, 1, upstream, library, NOW);
    c.advertisedNanos = KeepAliveHeader.timeoutNanos(keepAlive);
    c.requests = 1;
    return c;
  }

  private String park() {
    Reason reason = Rules.park(connection(null), policy, NOW);
    if (!reason.allows()) {
      return "Afterwards the connection is closed: " + reason.text() + ".";
    }
    String most =
        policy.maxIdle() == Policy.UNLIMITED
            ? "the connection is parked"
            : "the connection is parked, at most " + policy.maxIdle() + " of them";
    return policy.maxRequests() == Policy.UNLIMITED
        ? "Afterwards " + most + "."
        : "Afterwards " + most + ", until it has carried " + policy.maxRequests() + " requests.";
  }

  private String headers() {
    if (policy.removedHeaders().isEmpty()) {
      return "Every header crosses.";
    }
    return policy.removedHeaders().contains("connection")
        ? "Headers of the hop do not cross: Connection, those that it names, and "
            + "Keep-Alive, Proxy-Connection, TE, Upgrade."
        : "These headers do not cross: " + String.join(", ", policy.removedHeaders()) + ".";
  }

  private String retry(FailureKind kind, boolean stale) {
    Reason reason =
        Rules.retry(policy, kind, true, false, stale, true, repeatable, stale ? 0 : 1, 0);
    if (reason == Reason.LIBRARY) {
      return "as the library has it.";
    }
    return (reason.allows() ? "tried again on a fresh connection, " : "not tried again, ")
        + reason.text()
        + ".";
  }
}
