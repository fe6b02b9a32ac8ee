package org.keepaliveagent.policy;

import org.jspecify.annotations.Nullable;

/**
 * One try of a request on one connection, as it ended: the plain record that spans are built from.
 *
 * <p>Moments are {@link System#nanoTime()} values; 0 stands for <em>never happened</em>. Filled by
 * the engine before it is published, then never changed.
 */
public final class Attempt {
  /** Where an attempt was when it died. */
  public enum Phase {
    CONNECT("connect"),
    TLS("tls"),
    REQUEST_HEAD("request_head"),
    REQUEST_BODY("request_body"),
    AWAITING_RESPONSE("awaiting_response"),
    RESPONSE_HEAD("response_head"),
    RESPONSE_BODY("response_body");

    private final String word;

    Phase(String word) {
      this.word = word;
    }

    /** The value of {@code upstream.reset.phase}. */
    public String word() {
      return word;
    }
  }

  /** Number of this attempt in this process, from 1. */
  public final long id;

  /** The adapter's name. */
  public final String library;

  public final String scheme;
  public final String host;
  public final int port;

  /** The name of the policy that held. */
  public final String policy;

  public final Mode mode;
  public final String method;

  /** The {@code traceparent} that went out with the request. */
  public final @Nullable String traceparent;

  /** 0 where no connection could be made. */
  public final long connectionId;

  /** The peer's IP address, as far as known. */
  public @Nullable String peerAddress;

  /** Of a new connection: whether an earlier TLS session was resumed; {@code null} if unknown. */
  public @Nullable Boolean tlsResumed;

  /** Parked connections that were refused to this attempt before it got one. */
  public int skipped;

  /** Whether the connection had been parked. */
  public boolean reused;

  /** How long it had been parked; 0 for a new one. */
  public long idleNanos;

  /** How long it had existed when it was leased. */
  public long ageNanos;

  /** How many requests it had carried, this one included. */
  public long requests;

  /** The library began to connect; 0 where that was not seen. */
  public long connectingAt;

  /** The connection came to be. */
  public long openedAt;

  /** The connection was leased; the moment of opening for a new one. */
  public long leasedAt;

  /** The request head was about to be written. */
  public long sentAt;

  /** The response head had arrived. */
  public long respondedAt;

  /** The attempt was over. */
  public long endedAt;

  /** 0 where no response came. */
  public int status;

  /** {@code error.type}; {@code null} when the attempt did not fail. */
  public @Nullable String errorType;

  public @Nullable Phase failedIn;

  /** Whether the peer ended the connection; of a failed attempt. */
  public boolean byPeer;

  /** Why the connection was not kept after the attempt; {@code null} where it was. */
  public @Nullable Reason closeReason;

  /** The retry rule's answer; {@code null} when nobody asked. */
  public @Nullable Reason retry;

  /** Whether the request was to be tried again, by the policy or by the library's own doing. */
  public boolean retried;

  /** The attempt that this one repeats; 0 for a first attempt. */
  public long retryOf;

  /** From 1 for the first repetition; 0 for a first attempt. */
  public int resendCount;

  /** When the repetition was decided; 0 for a first attempt. */
  public long retryDecidedAt;

  /** Why this repetition was decided; {@code null} for a first attempt. */
  public @Nullable Reason retryReason;

  /** An attempt about to be filled. */
  public Attempt(
      long id,
      Upstream upstream,
      String library,
      long connectionId,
      String method,
      @Nullable String traceparent) {
    Policy policy = upstream.policy();
    this.id = id;
    this.library = library;
    this.scheme = upstream.scheme();
    this.host = upstream.host();
    this.port = upstream.port();
    this.policy = policy.name();
    this.mode = policy.mode();
    this.method = method;
    this.traceparent = traceparent;
    this.connectionId = connectionId;
  }

  /** Makes this attempt the repetition that was decided so. */
  void repeats(Retry retry) {
    retryOf = retry.failedAttempt;
    resendCount = retry.resendCount;
    retryDecidedAt = retry.decidedAt;
    retryReason = retry.reason;
  }
}
