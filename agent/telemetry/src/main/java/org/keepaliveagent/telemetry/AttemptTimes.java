package org.keepaliveagent.telemetry;

import org.keepaliveagent.policy.Attempt;

/**
 * The moments between which an attempt's spans lie, as epoch nanoseconds. Each lies inside its
 * parent's, whatever the records say:
 *
 * <pre>
 * decided        request retry                                    ended
 *    └── started       upstream                                ended
 *           ├── started   connection reuse | open   sent         │
 *           └──────────────────── last   connection reset   ended
 * </pre>
 */
final class AttemptTimes {
  /** The repetition was decided; of a first attempt the same as {@link #started}. */
  final long decided;

  final long started;

  /** The connection was there and the head was about to be written. */
  final long sent;

  /** The last thing that was sent or received. */
  final long last;

  final long ended;

  AttemptTimes(Attempt a, WallClock clock) {
    long ended = clock.epochNanos(a.endedAt);
    long begun = epoch(clock, begun(a), epoch(clock, a.sentAt, ended));
    this.ended = ended;
    this.decided = Math.min(epoch(clock, a.retryDecidedAt, begun), ended);
    this.started = within(decided, begun, ended);
    this.sent = within(started, epoch(clock, a.sentAt, ended), ended);
    long heard = epoch(clock, a.respondedAt, started);
    this.last = within(started, Math.max(epoch(clock, a.sentAt, started), heard), ended);
  }

  private static long begun(Attempt a) {
    return a.reused ? a.leasedAt : a.connectingAt != 0 ? a.connectingAt : a.openedAt;
  }

  private static long epoch(WallClock clock, long moment, long otherwise) {
    return moment == 0 ? otherwise : clock.epochNanos(moment);
  }

  private static long within(long from, long moment, long to) {
    return Math.max(from, Math.min(moment, to));
  }
}
