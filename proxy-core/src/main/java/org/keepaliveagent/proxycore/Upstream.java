package org.keepaliveagent.proxycore;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A group of peers that answer the same requests.
 *
 * <p>Chooses as nginx does ({@code ngx_http_upstream_get_peer}): each pick gives every peer its
 * weight, takes the one that has most, and takes the sum of all weights from that one; so a peer of
 * weight 5 beside two of weight 1 is not taken five times in a row. Backups are there for when no
 * other peer is. One state for all event loops.
 */
final class Upstream {
  /** A peer as a {@code server} directive puts it into the group. */
  record Member(Peer peer, int weight, boolean backup, boolean down) {}

  private static final class Turn {
    private final Member member;
    private long current;

    Turn(Member member) {
      this.member = member;
    }
  }

  private final String name;
  private final List<Turn> turns;

  /**
   * @param name the name of the {@code upstream} block, or host and port as in {@code proxy_pass}
   */
  Upstream(String name, List<Member> members) {
    this.name = name;
    turns = members.stream().map(Turn::new).toList();
  }

  String name() {
    return name;
  }

  List<Member> members() {
    return turns.stream().map(turn -> turn.member).toList();
  }

  /**
   * The peer for the next attempt of a request.
   *
   * @param tried those that had an attempt of it: each has one before any has two
   * @return null when every peer is down
   */
  @Nullable Peer pick(Collection<Peer> tried) {
    Peer untried = pickOnce(tried);
    return untried == null && !tried.isEmpty() ? pickOnce(List.of()) : untried;
  }

  private synchronized @Nullable Peer pickOnce(Collection<Peer> without) {
    Turn best = best(false, without);
    if (best == null) {
      best = best(true, without);
    }
    return best == null ? null : best.member.peer();
  }

  private @Nullable Turn best(boolean backup, Collection<Peer> without) {
    Turn best = null;
    long total = 0;
    for (Turn turn : turns) {
      Member member = turn.member;
      if (member.down() || member.backup() != backup || without.contains(member.peer())) {
        continue;
      }
      turn.current += member.weight();
      total += member.weight();
      if (best == null || turn.current > best.current) {
        best = turn;
      }
    }
    if (best != null) {
      best.current -= total;
    }
    return best;
  }
}
