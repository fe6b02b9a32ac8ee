package org.keepaliveagent.proxycore;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A group of peers that answer the same requests.
 *
 * <p>Chooses as nginx does ({@code ngx_http_upstream_get_peer}): each pick gives every peer its
 * weight, takes the one that has most, and takes the sum of all weights from that one; so a peer of
 * weight 5 beside two of weight 1 is not taken five times in a row. With {@code least_conn} only
 * those take part that have the fewest requests for their weight ({@code
 * ngx_http_upstream_get_least_conn_peer}). Backups are there for when no other peer is. One state
 * for all event loops.
 */
final class Upstream {
  /** A peer as a {@code server} directive puts it into the group. */
  record Member(Peer peer, int weight, boolean backup, boolean down) {}

  /** Who knows whether a peer may be chosen. */
  interface Choice {
    /**
     * Asked of one peer after the other, the one whose turn it is first, until one can.
     *
     * @param requests those that the peer has in progress from this upstream
     * @param alone whether it is the upstream's only peer
     */
    boolean canHave(Peer peer, int requests, boolean alone);
  }

  private static final class Turn {
    private final Member member;
    private long current;
    private int requests;

    Turn(Member member) {
      this.member = member;
    }
  }

  private final String name;
  private final boolean leastConn;
  private final List<Turn> turns;

  /**
   * @param name the name of the {@code upstream} block, or host and port as in {@code proxy_pass}
   */
  Upstream(String name, boolean leastConn, List<Member> members) {
    this.name = name;
    this.leastConn = leastConn;
    turns = members.stream().map(Turn::new).toList();
  }

  String name() {
    return name;
  }

  List<Member> members() {
    return turns.stream().map(turn -> turn.member).toList();
  }

  /**
   * The peer for the next attempt of a request, which it has in progress until {@link #release}.
   *
   * @param tried those that had an attempt of it: each has one before any has two
   * @return null when no peer can have it
   */
  @Nullable Peer pick(Collection<Peer> tried, Choice choice) {
    Peer untried = pickOnce(tried, choice);
    return untried == null && !tried.isEmpty() ? pickOnce(List.of(), choice) : untried;
  }

  private synchronized @Nullable Peer pickOnce(Collection<Peer> tried, Choice choice) {
    List<Peer> without = new ArrayList<>(tried);
    for (Turn best = best(without); best != null; best = best(without)) {
      Peer peer = best.member.peer();
      if (choice.canHave(peer, best.requests, turns.size() == 1)) {
        take(best, without);
        return peer;
      }
      without.add(peer);
    }
    return null;
  }

  private @Nullable Turn best(Collection<Peer> without) {
    Turn best = best(false, without);
    return best == null ? best(true, without) : best;
  }

  private @Nullable Turn best(boolean backup, Collection<Peer> without) {
    Turn best = null;
    for (Turn turn : turns) {
      if (takesPart(turn, backup, without) && (best == null || precedes(turn, best))) {
        best = turn;
      }
    }
    return best;
  }

  private boolean precedes(Turn turn, Turn best) {
    int load = leastConn ? compareLoad(turn, best) : 0;
    return load == 0
        ? turn.current + turn.member.weight() > best.current + best.member.weight()
        : load < 0;
  }

  private static int compareLoad(Turn one, Turn other) {
    return Long.compare(
        (long) one.requests * other.member.weight(), (long) other.requests * one.member.weight());
  }

  private static boolean takesPart(Turn turn, boolean backup, Collection<Peer> without) {
    Member member = turn.member;
    return !member.down() && member.backup() == backup && !without.contains(member.peer());
  }

  private void take(Turn taken, Collection<Peer> without) {
    long total = 0;
    for (Turn turn : turns) {
      if (takesPart(turn, taken.member.backup(), without)
          && (!leastConn || compareLoad(turn, taken) == 0)) {
        turn.current += turn.member.weight();
        total += turn.member.weight();
      }
    }
    taken.current -= total;
    taken.requests++;
  }

  /** An attempt at a peer that was picked is over. */
  synchronized void release(Peer peer) {
    for (Turn turn : turns) {
      if (turn.member.peer().equals(peer) && turn.requests > 0) {
        turn.requests--;
        return;
      }
    }
  }
}
