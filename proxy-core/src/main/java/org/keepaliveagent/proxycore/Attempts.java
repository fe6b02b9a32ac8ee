package org.keepaliveagent.proxycore;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which peers of its upstream the attempts of one request go to. */
final class Attempts {
  private final Upstream upstream;
  private final Worker worker;
  private final @Nullable UpstreamTls tls;
  private final String tlsName;
  private final @Nullable Account account;
  private final List<Peer> tried = new ArrayList<>(1);
  private @Nullable Peer peer;
  private @Nullable Attempt counted;

  /**
   * @param tls null for plain connections
   * @param tlsName of the server that TLS has to lead to
   * @param account null when nothing is counted
   */
  Attempts(
      Upstream upstream,
      Worker worker,
      @Nullable UpstreamTls tls,
      String tlsName,
      @Nullable Account account) {
    this.upstream = upstream;
    this.worker = worker;
    this.tls = tls;
    this.tlsName = tlsName;
    this.account = account;
  }

  /** The same at another upstream. */
  Attempts at(Upstream other) {
    return new Attempts(other, worker, tls, tlsName, account);
  }

  /** Goes on to the peer whose turn it is, or to none. */
  void next() {
    end();
    peer = upstream.pick(tried, this::canHave);
    if (peer != null) {
      tried.add(peer);
    }
  }

  /** An attempt begins, at the peer whose turn it is or, where there is none, in vain. */
  void begin() {
    if (account != null) {
      boolean redirected = counted == null && account.hasAttempts();
      counted = new Attempt(upstream, peer, redirected);
      account.attempt(counted);
    }
  }

  void connected(Channel connection) {
    if (counted != null) {
      counted.connected(connection);
    }
  }

  void responds(HttpResponse head) {
    if (counted != null) {
      counted.responds(head);
    }
  }

  void failed(Throwable cause) {
    if (counted != null) {
      counted.failed(UpstreamFailure.status(cause).code());
    }
  }

  /** Nothing more of the attempt is counted. */
  void over() {
    if (counted != null) {
      counted.over();
    }
  }

  /** Whether anything of them is counted. */
  boolean areCounted() {
    return account != null;
  }

  private boolean canHave(Peer candidate, int requests, boolean alone) {
    return pool(candidate).isAvailable(requests, alone);
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
    return peer == null ? null : pool(peer);
  }

  private ConnectionPool pool(Peer one) {
    return worker.pool(new ConnectionPool.Key(one, tls, tlsName));
  }
}
