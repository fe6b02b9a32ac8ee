package org.keepaliveagent.policy;

import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * The record of one connection; also its own entry in the {@link ConnectionTable}, so that it is
 * found by the library's object without holding on to it.
 *
 * <pre>
 *   FRESH ──▶ BUSY ◀──▶ PARKED ──▶ EVICTED      any ──▶ CLOSED
 *                lease     park      refused, or swept
 * </pre>
 *
 * State and the moment it began are one word, changed by compare-and-set alone: where a lease, the
 * sweep and a close race, exactly one wins, and a sweep that looked at an earlier idle period
 * loses. A connection is idle since the word says so, and the word is written before the pool shows
 * the connection to another thread.
 *
 * <p>The fields of the exchange belong to the thread that runs it; the word's volatile writes hand
 * them from one exchange to the next.
 */
final class Connection extends WeakReference<Object> {
  static final int FRESH = 0;
  static final int BUSY = 1;
  static final int PARKED = 2;
  static final int EVICTED = 3;
  static final int CLOSED = 4;

  /** Closed after it was evicted: by us, so that it must not be leased under any policy. */
  static final int EVICTED_AND_CLOSED = 5;

  private static final int STATE_BITS = 3;
  private static final long STATE_MASK = (1 << STATE_BITS) - 1;
  private static final AtomicLongFieldUpdater<Connection> WORD =
      AtomicLongFieldUpdater.newUpdater(Connection.class, "word");
  private static final AtomicReferenceFieldUpdater<Connection, Object> EXCHANGE =
      AtomicReferenceFieldUpdater.newUpdater(Connection.class, Object.class, "exchange");

  final int hash;
  volatile @Nullable Connection next;

  final long id;
  final Upstream upstream;
  final Library library;
  final Tally tally;
  final long openedAt;

  /** What was seen of its opening. */
  long connectingAt;

  @Nullable String peerAddress;
  @Nullable Boolean tlsResumed;

  private volatile long word;
  private volatile @Nullable Object exchange;

  /** The number under which the sweep reported the exchange that nobody asked about; else 0. */
  volatile long reportedAs;

  /** The identity of the pool that keeps it; 0 where unsaid. Two pools may share one, rarely. */
  int pool;

  /** How long it had waited each time that it was reused. Written by who has just leased it. */
  final Histogram idleTimes = new Histogram(Histogram.TIMES);

  /** Why it was evicted; written by who won its state word. */
  volatile @Nullable Reason evictedFor;

  /** Whether what it carried has been added to the tally. Under the accounting lock. */
  boolean accounted;

  /** Requests carried, the current one included. Written by {@code sending}. */
  long requests;

  /** What the last response said; {@code max} is -1 when unsaid. */
  long advertisedNanos;

  long advertisedMax = -1;
  boolean maxCountsDown;
  boolean peerAsked;

  /** The current or last exchange. */
  boolean reused;

  long leasedAt;
  long idleNanos;
  long parkedAt;
  String method = "";
  @Nullable String traceparent;
  boolean wanted;
  int skipped;
  boolean idempotencyKey;
  long sentAt;
  long respondedAt;
  int status;
  @Nullable Retry retry;

  /** Why the current attempt died, and when; read by the sweep too. */
  volatile @Nullable Throwable failure;

  volatile long failedAt;

  /** The idle period of which the sweep has counted what it would have done. Sweep thread only. */
  long observedWord;

  volatile boolean closedByPeer;

  Connection(Object key, int hash, long id, Upstream upstream, Library library, long now) {
    super(key);
    this.hash = hash;
    this.id = id;
    this.upstream = upstream;
    this.library = library;
    this.tally = upstream.tally(library.name());
    this.openedAt = now;
    this.leasedAt = now;
    this.word = word(FRESH, now);
  }

  static long word(int state, long now) {
    return (now << STATE_BITS) | state;
  }

  static int state(long word) {
    return (int) (word & STATE_MASK);
  }

  static boolean isClosed(long word) {
    return state(word) >= CLOSED;
  }

  /** Whether we closed it, or are about to. */
  static boolean wasEvicted(long word) {
    return state(word) == EVICTED || state(word) == EVICTED_AND_CLOSED;
  }

  /** Nanoseconds since the state of this word began. */
  static long since(long word, long now) {
    return ((now << STATE_BITS) - (word & ~STATE_MASK)) >> STATE_BITS;
  }

  long word() {
    return word;
  }

  boolean move(long from, int toState, long now) {
    return WORD.compareAndSet(this, from, word(toState, now));
  }

  /** The exchange in progress, or {@code null}. */
  @Nullable Object exchange() {
    return exchange;
  }

  void begin(Object started) {
    reportedAs = 0;
    exchange = started;
  }

  /** Ends the exchange in progress; true for exactly one of those who try. */
  boolean end() {
    Object current = exchange;
    return current != null && EXCHANGE.compareAndSet(this, current, null);
  }

  /** A number in [0, 1000) that is this connection's own: spreads age limits without a clock. */
  int perMille() {
    long mixed = id * 0x9E3779B97F4A7C15L;
    return (int) ((mixed >>> 33) % 1000);
  }
}
