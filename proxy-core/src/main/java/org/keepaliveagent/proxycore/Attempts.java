package org.keepaliveagent.proxycore;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which peers of its upstream the attempts of one request go to. */
final class Attempts {
  private final Upstream upstream;
  private final Worker worker;
  private final List<Peer> tried = new ArrayList<>(1);
  private @Nullable Peer peer;

  Attempts(Upstream upstream, Worker worker) {
    this.upstream = upstream;
    this.worker = worker;
  }

  /** Goes on to the peer whose turn it is, or to none. */
  void next() {
    end();
    peer = upstream.pick(tried, this::canHave);
    if (peer != null) {
      tried.add(peer);
    }
  }

  private boolean canHave(Peer candidate, int requests, boolean alone) {
    return worker.pool(candidate).isAvailable(requests, alone);
  }

  /** The current attempt is the last, or the peer's part in it is over. */
  void end() {
    if (peer != null) {
      upstream.release(peer);
      peer = null;
    }
  }

  /** The pool of the current attempt's peer; null when there is none. */
  @Nullable ConnectionPool pool() {
    return peer == null ? null : worker.pool(peer);
  }
}
