package org.keepaliveagent.policy;

import java.util.Collections;
import java.util.Map;

/**
 * What one library has done on its connections to one upstream, at one moment: the source of every
 * metric. Made by {@link Engine#usage}; gauges and what connections carry stay as they were then.
 */
public final class Usage {
  private final Tally tally;
  private long requests;
  private final Map<String, Long> closed;
  final Histogram durations = new Histogram(Histogram.TIMES);
  final Histogram requestsAtClose = new Histogram(Histogram.REQUESTS);
  final Histogram idleTimes = new Histogram(Histogram.TIMES);
  private long open;
  private long idle;
  private long activeRequests;

  Usage(Tally tally, long requests, Map<String, Long> closed) {
    this.tally = tally;
    this.requests = requests;
    this.closed = closed;
  }

  /** Adds a connection that exists. */
  void add(Connection c) {
    requests += c.requests;
    idleTimes.add(c.idleTimes);
    long word = c.word();
    if (!Connection.isClosed(word)) {
      open++;
      idle += Connection.state(word) == Connection.PARKED ? 1 : 0;
    }
    // What the sweep has reported is over, though somebody may still ask about it.
    activeRequests += c.exchange() != null && c.reportedAs == 0 ? 1 : 0;
  }

  public Upstream upstream() {
    return tally.upstream;
  }

  /** The library's name; empty for what is decided without a connection. */
  public String library() {
    return tally.library;
  }

  /** Connections that exist. */
  public long open() {
    return open;
  }

  /** Connections that wait for a request. */
  public long idle() {
    return idle;
  }

  /** Requests in progress. */
  public long activeRequests() {
    return activeRequests;
  }

  /** Requests sent, repetitions too. */
  public long requests() {
    return requests;
  }

  /** Connections opened. */
  public long created() {
    return tally.created();
  }

  /** Connections closed, by the word of the reason; the sweep notices a close within a second. */
  public Map<String, Long> closed() {
    return Collections.unmodifiableMap(closed);
  }

  /** How long closed connections had existed, in nanoseconds. */
  public Histogram durations() {
    return durations;
  }

  /** How many requests closed connections had carried. */
  public Histogram requestsAtClose() {
    return requestsAtClose;
  }

  /** How long connections had waited when a request reused them, in nanoseconds. */
  public Histogram idleTimes() {
    return idleTimes;
  }

  /** How often a rule gave this reason, and it was done. */
  public long decisions(Reason reason) {
    return tally.decisions(reason);
  }

  /** How often a rule gave this reason while the policy only observed. */
  public long wouldHave(Reason reason) {
    return tally.wouldHave(reason);
  }

  /** How often the upstream ended a connection under an attempt. */
  public long resets(Attempt.Phase phase, boolean reused) {
    return tally.resets(phase, reused);
  }

  /**
   * How often the retry rule gave this reason.
   *
   * @param yes whether the request was to be sent again
   * @param observing whether the policy only observed, so that the library alone decided
   */
  public long retries(Reason reason, boolean yes, boolean observing) {
    return tally.retries(reason, yes, observing);
  }
}
