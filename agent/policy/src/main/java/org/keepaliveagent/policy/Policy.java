package org.keepaliveagent.policy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What holds for one upstream: the directives, checked and in the units that the rules use.
 *
 * <p>Never changes once built; published through a volatile field. Durations are nanoseconds;
 * {@link #UNLIMITED} stands for no limit.
 */
public final class Policy {
  /** No limit. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  /** No retry budget. */
  public static final int UNLIMITED_PERCENT = Integer.MAX_VALUE;

  /** What {@code keepalive} counts over. */
  public enum Scope {
    /** All pools of this JVM together. */
    PROCESS,
    /** Each pool for itself. */
    POOL
  }

  /** A switch that the application's own setting holds for while it is unstated. */
  public enum Answer {
    UNSTATED,
    ON,
    OFF
  }

  private String name;
  private Mode mode = Mode.ENFORCE;
  private long maxIdle = UNLIMITED;
  private Scope scope = Scope.PROCESS;
  private long maxRequests = UNLIMITED;
  private long maxAgeNanos = UNLIMITED;
  private long idleNanos = UNLIMITED;
  private long marginNanos = 500_000_000L;
  private boolean learn = true;
  private int freshPercent = 50;
  private boolean http10 = false;
  private boolean http11 = false;
  private SocketKeepalive socketKeepalive = SocketKeepalive.UNSTATED;
  private long connectNanos = UNLIMITED;
  private long sendNanos = UNLIMITED;
  private long readNanos = UNLIMITED;
  private long tries = 1;
  private long retryNanos = UNLIMITED;
  private boolean idempotencyKey = false;
  private int retryPercent = UNLIMITED_PERCENT;
  private long maxConns = UNLIMITED;
  private long maxFails = UNLIMITED;
  private long failNanos = 10_000_000_000L;
  private HealthCheck healthCheck = HealthCheck.NONE;
  private Answer sslServerName = Answer.UNSTATED;
  private Answer sslSessionReuse = Answer.UNSTATED;
  private long upstreamMaxConnections = UNLIMITED;
  private long instances = 1;
  private Map<String, String> headers = Collections.emptyMap();
  private Set<String> removedHeaders = Collections.emptySet();
  private Map<String, String> writtenHeaders = Collections.emptyMap();
  private String @Nullable [] headersToSet;
  private boolean managesRetries;
  private Set<FailureKind> nextUpstream = Collections.emptySet();
  private boolean nonIdempotent;

  private Policy(String name) {
    this.name = name;
  }

  private Policy(Policy from) {
    name = from.name;
    mode = from.mode;
    maxIdle = from.maxIdle;
    scope = from.scope;
    maxRequests = from.maxRequests;
    maxAgeNanos = from.maxAgeNanos;
    idleNanos = from.idleNanos;
    marginNanos = from.marginNanos;
    learn = from.learn;
    freshPercent = from.freshPercent;
    http10 = from.http10;
    http11 = from.http11;
    socketKeepalive = from.socketKeepalive;
    connectNanos = from.connectNanos;
    sendNanos = from.sendNanos;
    readNanos = from.readNanos;
    tries = from.tries;
    retryNanos = from.retryNanos;
    idempotencyKey = from.idempotencyKey;
    retryPercent = from.retryPercent;
    maxConns = from.maxConns;
    maxFails = from.maxFails;
    failNanos = from.failNanos;
    healthCheck = from.healthCheck;
    sslServerName = from.sslServerName;
    sslSessionReuse = from.sslSessionReuse;
    upstreamMaxConnections = from.upstreamMaxConnections;
    instances = from.instances;
    headers = from.headers;
    removedHeaders = from.removedHeaders;
    writtenHeaders = from.writtenHeaders;
    headersToSet = from.headersToSet;
    managesRetries = from.managesRetries;
    nextUpstream = from.nextUpstream;
    nonIdempotent = from.nonIdempotent;
  }

  /** The built-in default: only what is safe for every application. */
  public static Builder builder(String name) {
    return new Builder(new Policy(name));
  }

  /** The same but for its mode. */
  Policy withMode(Mode next) {
    Policy changed = new Policy(this);
    changed.mode = next;
    return changed;
  }

  public String name() {
    return name;
  }

  /** {@code mode}: how far the agent goes. */
  public Mode mode() {
    return mode;
  }

  /** {@code keepalive}: idle connections kept for this upstream in this process. */
  public long maxIdle() {
    return maxIdle;
  }

  /** {@code keepalive_scope}: what {@code keepalive} counts over. */
  public Scope scope() {
    return scope;
  }

  /** {@code keepalive_requests}: requests a connection carries. */
  public long maxRequests() {
    return maxRequests;
  }

  /** {@code keepalive_time}: how old a connection may be when it is leased or parked. */
  public long maxAgeNanos() {
    return maxAgeNanos;
  }

  /** {@code keepalive_timeout}: how long a connection may have been idle when it is leased. */
  public long idleNanos() {
    return idleNanos;
  }

  /** {@code keepalive_margin}: taken off advertised and learned time-outs. */
  public long marginNanos() {
    return marginNanos;
  }

  /** {@code learn}: whether the upstream's own closes set a limit. */
  public boolean learn() {
    return learn;
  }

  /**
   * {@code fresh_for_non_idempotent}: the share of the effective idle time-out, in percent, up to
   * which a connection may have been idle to carry a request that must not be sent twice: from 0
   * (always a new connection) to 100 (as for any other request).
   */
  public int freshPercent() {
    return freshPercent;
  }

  /** {@code http_version "1.0"}: connections carry one request each. */
  public boolean http10() {
    return http10;
  }

  /** {@code http_version "1.1"}: what would be sent as HTTP/1.0 goes out as HTTP/1.1. */
  public boolean http11() {
    return http11;
  }

  /** {@code socket_keepalive}. */
  public SocketKeepalive socketKeepalive() {
    return socketKeepalive;
  }

  /** {@code connect_timeout}. */
  public long connectNanos() {
    return connectNanos;
  }

  /** {@code send_timeout}. */
  public long sendNanos() {
    return sendNanos;
  }

  /** {@code read_timeout}. */
  public long readNanos() {
    return readNanos;
  }

  /** {@code next_upstream_tries}: attempts, but for those on a stale connection. */
  public long tries() {
    return tries;
  }

  /** {@code next_upstream_timeout}: time since the first attempt in which a retry may start. */
  public long retryNanos() {
    return retryNanos;
  }

  /** {@code idempotency_key}: a request that carries the header counts as safe to repeat. */
  public boolean idempotencyKey() {
    return idempotencyKey;
  }

  /**
   * {@code retry_budget}: retries in progress, as a share of the requests in progress; at least
   * three may always be.
   */
  public int retryPercent() {
    return retryPercent;
  }

  /** {@code max_conns}: requests in progress. */
  public long maxConns() {
    return maxConns;
  }

  /** {@code max_fails}: failures after which a peer is left alone; no limit where unstated. */
  public long maxFails() {
    return maxFails;
  }

  /** {@code fail_timeout}. */
  public long failNanos() {
    return failNanos;
  }

  /** {@code health_check}. */
  public HealthCheck healthCheck() {
    return healthCheck;
  }

  /** {@code ssl_server_name}. */
  public Answer sslServerName() {
    return sslServerName;
  }

  /** {@code ssl_session_reuse}. */
  public Answer sslSessionReuse() {
    return sslSessionReuse;
  }

  /** {@code upstream_max_connections}: what the upstream can bear; used for findings only. */
  public long upstreamMaxConnections() {
    return upstreamMaxConnections;
  }

  /** {@code instances}: how many processes run with this policy; used for findings only. */
  public long instances() {
    return instances;
  }

  /**
   * {@code set_header}: the headers that the policy states, by name in lower case; an empty value
   * removes the header.
   */
  public Map<String, String> headers() {
    return headers;
  }

  /** Those of {@link #headers} that do not cross, in lower case. */
  public Set<String> removedHeaders() {
    return removedHeaders;
  }

  /**
   * Those of {@link #headers} that have a value, their names as they were written: name, value,
   * name, value; {@code null} for none. Must not be changed.
   */
  String @Nullable [] headersToSet() {
    return headersToSet;
  }

  /**
   * Whether {@code next_upstream} was stated at all. Without it nothing is added to the library's
   * own retries, and of those only the unsafe ones are suppressed.
   */
  public boolean managesRetries() {
    return managesRetries;
  }

  /** {@code next_upstream}: failures after which a request may be tried again. */
  public Set<FailureKind> nextUpstream() {
    return nextUpstream;
  }

  /** {@code next_upstream non_idempotent}: POST, LOCK and PATCH may be tried again too. */
  public boolean nonIdempotent() {
    return nonIdempotent;
  }

  /** Whether no connection ever waits idle. */
  public boolean parksNothing() {
    return maxIdle == 0 || idleNanos == 0 || http10;
  }

  /** Collects a policy's values; the initial ones are the built-in default. For one thread. */
  public static final class Builder {
    private final Policy draft;

    private Builder(Policy draft) {
      this.draft = draft;
    }

    public Builder name(String value) {
      draft.name = value;
      return this;
    }

    public Builder mode(Mode value) {
      draft.mode = value;
      return this;
    }

    public Builder maxIdle(long value) {
      draft.maxIdle = value;
      return this;
    }

    public Builder scope(Scope value) {
      draft.scope = value;
      return this;
    }

    public Builder maxRequests(long value) {
      draft.maxRequests = value;
      return this;
    }

    public Builder maxAgeNanos(long value) {
      draft.maxAgeNanos = value;
      return this;
    }

    public Builder idleNanos(long value) {
      draft.idleNanos = value;
      return this;
    }

    public Builder marginNanos(long value) {
      draft.marginNanos = value;
      return this;
    }

    public Builder learn(boolean value) {
      draft.learn = value;
      return this;
    }

    public Builder freshPercent(int value) {
      draft.freshPercent = value;
      return this;
    }

    /** States {@code http_version}. */
    public Builder http10(boolean value) {
      draft.http10 = value;
      draft.http11 = !value;
      return this;
    }

    public Builder socketKeepalive(SocketKeepalive value) {
      draft.socketKeepalive = value;
      return this;
    }

    public Builder connectNanos(long value) {
      draft.connectNanos = value;
      return this;
    }

    public Builder sendNanos(long value) {
      draft.sendNanos = value;
      return this;
    }

    public Builder readNanos(long value) {
      draft.readNanos = value;
      return this;
    }

    public Builder tries(long value) {
      draft.tries = value;
      return this;
    }

    public Builder retryNanos(long value) {
      draft.retryNanos = value;
      return this;
    }

    public Builder idempotencyKey(boolean value) {
      draft.idempotencyKey = value;
      return this;
    }

    public Builder retryPercent(int value) {
      draft.retryPercent = value;
      return this;
    }

    public Builder maxConns(long value) {
      draft.maxConns = value;
      return this;
    }

    public Builder maxFails(long value) {
      draft.maxFails = value;
      return this;
    }

    public Builder failNanos(long value) {
      draft.failNanos = value;
      return this;
    }

    public Builder healthCheck(HealthCheck value) {
      draft.healthCheck = value;
      return this;
    }

    public Builder sslServerName(Answer value) {
      draft.sslServerName = value;
      return this;
    }

    public Builder sslSessionReuse(Answer value) {
      draft.sslSessionReuse = value;
      return this;
    }

    public Builder upstreamMaxConnections(long value) {
      draft.upstreamMaxConnections = value;
      return this;
    }

    public Builder instances(long value) {
      draft.instances = value;
      return this;
    }

    /** States a header; an empty value removes it. */
    public Builder header(String name, String value) {
      String lower = name.toLowerCase(Locale.ROOT);
      Map<String, String> more = new TreeMap<>(draft.headers);
      more.put(lower, value);
      draft.headers = Collections.unmodifiableMap(more);
      Map<String, String> written = new TreeMap<>(draft.writtenHeaders);
      written.put(lower, name);
      draft.writtenHeaders = written;
      Set<String> removed = new HashSet<>();
      List<String> set = new ArrayList<>();
      for (Map.Entry<String, String> header : more.entrySet()) {
        if (header.getValue().isEmpty()) {
          removed.add(header.getKey());
        } else {
          set.add(String.valueOf(written.get(header.getKey())));
          set.add(header.getValue());
        }
      }
      draft.removedHeaders = Collections.unmodifiableSet(removed);
      draft.headersToSet = set.isEmpty() ? null : set.toArray(new String[0]);
      return this;
    }

    /** States a header without a value. */
    public Builder removeHeader(String name) {
      return header(name, "");
    }

    /** States {@code next_upstream}; an empty set is {@code off}. */
    public Builder nextUpstream(Set<FailureKind> kinds, boolean alsoNonIdempotent) {
      EnumSet<FailureKind> copy = EnumSet.noneOf(FailureKind.class);
      copy.addAll(kinds);
      draft.managesRetries = true;
      draft.nextUpstream = Collections.unmodifiableSet(copy);
      draft.nonIdempotent = alsoNonIdempotent;
      return this;
    }

    public Policy build() {
      return new Policy(draft);
    }
  }
}
