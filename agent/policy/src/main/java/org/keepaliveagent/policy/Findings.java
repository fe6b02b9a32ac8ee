package org.keepaliveagent.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Says what is wrong with how an upstream's connections are kept, from what really happened.
 *
 * <p>Pure functions of counts and policy: each answers for one finding, or with null.
 */
final class Findings {
  /** Below these numbers there is no evidence, only a beginning. */
  static final int ENOUGH_REQUESTS = 20;

  static final int ENOUGH_EVICTIONS = 10;
  static final int ENOUGH_HANDSHAKES = 10;
  static final int ENOUGH_FAILURES = 3;
  static final int ENOUGH_FOR_IMPACT = 1000;

  private static final long MILLISECOND = 1_000_000L;
  private static final String WRITE = "Write ";

  private Findings() {}

  /** Everything that is wrong with one upstream at this moment. */
  static List<Finding> of(Upstream u, Traffic traffic, long now) {
    List<Finding> found = new ArrayList<>();
    add(found, noReuse(u, traffic));
    add(found, thrash(u));
    add(found, oversized(u, traffic));
    add(found, idleTooLong(u, now));
    add(found, ageForIdle(u, now));
    add(found, unrepairedResets(u));
    add(found, unsafeRetries(u));
    add(found, tls(u));
    add(found, deadPeer(u));
    add(found, impact(u, traffic));
    return found;
  }

  private static void add(List<Finding> found, @Nullable Finding finding) {
    if (finding != null) {
      found.add(finding);
    }
  }

  private static @Nullable Finding noReuse(Upstream u, Traffic traffic) {
    if (traffic.all() < ENOUGH_REQUESTS || traffic.reuses() > 0) {
      return null;
    }
    Policy p = u.policy();
    String cause;
    String remedy;
    if (p.http10()) {
      cause = "the policy states HTTP/1.0";
      remedy = WRITE + "http_version: \"1.1\"";
    } else if (p.parksNothing()) {
      cause = "the policy parks nothing";
      remedy = WRITE + "keepalive: " + Math.max(1, u.mostConnections());
    } else if (u.counted(Count.HTTP_1_0) > 0) {
      cause = u.counted(Count.HTTP_1_0) + " responses were HTTP/1.0";
      remedy = "Let the upstream speak HTTP/1.1";
    } else if (u.counted(Count.ASKED_TO_CLOSE) > 0) {
      cause = u.counted(Count.ASKED_TO_CLOSE) + " responses said Connection: close";
      remedy = WRITE + "set_header: {Connection: \"\"}, in case the requests asked for it";
    } else if (u.decisions(Reason.IDLE_TIMEOUT) + u.decisions(Reason.NOT_FRESH) > 0) {
      cause =
          u.decisions(Reason.IDLE_TIMEOUT)
              + u.decisions(Reason.NOT_FRESH)
              + " parked connections had waited longer than is safe";
      remedy = "Let the upstream keep idle connections longer than its requests are apart";
    } else {
      cause = "the application parks none";
      remedy = "Look for a pool of size 0, or for Connection: close in the requests";
    }
    return new Finding(
        Finding.Kind.NO_REUSE, u, traffic.all() + " requests, 0 reuses; " + cause, remedy);
  }

  private static @Nullable Finding thrash(Upstream u) {
    Policy p = u.policy();
    long evicted = u.decisions(Reason.MAX_IDLE);
    long again = u.counted(Count.OPENED_AFTER_TRIM);
    boolean limited = p.maxIdle() != Policy.UNLIMITED && !p.parksNothing();
    if (!limited || evicted < ENOUGH_EVICTIONS || again < ENOUGH_EVICTIONS) {
      return null;
    }
    return new Finding(
        Finding.Kind.THRASH,
        u,
        "keepalive "
            + p.maxIdle()
            + " closed "
            + evicted
            + ", and "
            + again
            + " were opened within a second of it",
        WRITE + "keepalive: " + u.mostConnections() + ", the most that existed at one time");
  }

  private static @Nullable Finding oversized(Upstream u, Traffic traffic) {
    Policy p = u.policy();
    boolean stated = p.maxIdle() != Policy.UNLIMITED;
    boolean perPool = stated && p.scope() == Policy.Scope.POOL;
    long each = stated ? p.maxIdle() : u.mostConnections();
    long times = p.instances() * (perPool ? traffic.pools() : 1);
    if (p.upstreamMaxConnections() == Policy.UNLIMITED
        || each * times <= p.upstreamMaxConnections()) {
      return null;
    }
    return new Finding(
        Finding.Kind.OVERSIZED,
        u,
        (stated ? "keepalive " : "at most seen ")
            + each
            + (perPool ? ", times " + traffic.pools() + " pools" : "")
            + ", times "
            + p.instances()
            + " processes, is more than "
            + p.upstreamMaxConnections(),
        WRITE + "keepalive: " + p.upstreamMaxConnections() / times);
  }

  private static @Nullable Finding idleTooLong(Upstream u, long now) {
    long own = ownTimeout(u, now);
    Policy p = u.policy();
    boolean stated = p.idleNanos() != Policy.UNLIMITED;
    long met =
        u.decisions(Reason.IDLE_TIMEOUT)
            + u.wouldHave(Reason.IDLE_TIMEOUT)
            + u.decisions(Reason.PEER_CLOSED)
            + u.wouldHave(Reason.PEER_CLOSED);
    if (own < MILLISECOND || p.parksNothing() || (stated ? p.idleNanos() < own : met == 0)) {
      return null;
    }
    String limit = stated ? "keepalive_timeout " + shown(p.idleNanos()) : "no keepalive_timeout";
    return new Finding(
        Finding.Kind.IDLE_TOO_LONG,
        u,
        limit
            + ", and the upstream's own is "
            + shown(own)
            + "; "
            + met
            + " connections waited that long",
        WRITE + "keepalive_timeout: " + shown(below(own, p)));
  }

  private static @Nullable Finding ageForIdle(Upstream u, long now) {
    Policy p = u.policy();
    long own = ownTimeout(u, now);
    if (own == 0 || p.idleNanos() != Policy.UNLIMITED || p.maxAgeNanos() >= own) {
      return null;
    }
    return new Finding(
        Finding.Kind.AGE_FOR_IDLE,
        u,
        "keepalive_time "
            + shown(p.maxAgeNanos())
            + " ends connections however busy they are;"
            + " the upstream closes those idle for "
            + shown(own),
        WRITE + "keepalive_timeout: " + shown(below(own, p)) + " in its place");
  }

  private static @Nullable Finding unrepairedResets(Upstream u) {
    if (u.unrepaired().sum() == 0) {
      return null;
    }
    boolean repairable = u.unrepaired().anyIdempotent();
    boolean listed = u.policy().nextUpstream().contains(FailureKind.ERROR);
    return new Finding(
        Finding.Kind.UNREPAIRED_RESETS,
        u,
        "failed: " + u.unrepaired(),
        repairable && !listed
            ? WRITE + "next_upstream: [error, timeout]"
            : WRITE
                + "a keepalive_timeout well below the upstream's own, or idempotency_key: on where"
                + " clients send one");
  }

  private static @Nullable Finding unsafeRetries(Upstream u) {
    if (u.unsafeRetries().sum() == 0) {
      return null;
    }
    return new Finding(
        Finding.Kind.UNSAFE_RETRIES,
        u,
        "sent again: " + u.unsafeRetries(),
        u.policy().nonIdempotent()
            ? "Take non_idempotent out of next_upstream"
            : WRITE + "mode: enforce; the library does it by itself");
  }

  private static @Nullable Finding tls(Upstream u) {
    long repeated = u.counted(Count.TLS_REPEATED);
    long resumed = u.counted(Count.TLS_RESUMED);
    long unnamed = u.counted(Count.TLS_UNNAMED);
    boolean wanted = u.policy().sslSessionReuse() != Policy.Answer.OFF;
    boolean mostlyFull = wanted && repeated + resumed >= ENOUGH_HANDSHAKES && repeated > resumed;
    if (!mostlyFull && unnamed == 0) {
      return null;
    }
    String evidence =
        unnamed > 0
            ? unnamed + " handshakes named no server"
            : repeated + " full handshakes where a session was there, " + resumed + " resumed";
    return new Finding(
        Finding.Kind.TLS,
        u,
        evidence,
        unnamed > 0
            ? "Give the client the server's name where it makes its TLS connections"
            : WRITE + "ssl_session_reuse: on, and give the client one TLS context for all");
  }

  private static @Nullable Finding deadPeer(Upstream u) {
    Policy p = u.policy();
    boolean watched =
        p.healthCheck().isStated() || (p.maxFails() != Policy.UNLIMITED && p.maxFails() > 0);
    if (watched || u.failuresInARow() < ENOUGH_FAILURES || u.idle() <= 0) {
      return null;
    }
    return new Finding(
        Finding.Kind.DEAD_PEER,
        u,
        u.failuresInARow() + " attempts in a row failed, parked connections: " + u.idle(),
        WRITE + "max_fails: 3, or a health_check");
  }

  private static @Nullable Finding impact(Upstream u, Traffic traffic) {
    if (traffic.requests() < ENOUGH_FOR_IMPACT) {
      return null;
    }
    String before =
        traffic.unenforced() < ENOUGH_FOR_IMPACT
            ? "not known before"
            : perThousand(u.counted(Count.OPENED_UNENFORCED), traffic.unenforced()) + " before";
    return new Finding(
        Finding.Kind.IMPACT,
        u,
        before
            + ", "
            + perThousand(u.counted(Count.OPENED), traffic.requests())
            + " with the policy enforced, of "
            + traffic.requests()
            + " requests",
        "");
  }

  private static String perThousand(long opened, long requests) {
    return String.format(Locale.ROOT, "%.1f", 1000.0 * opened / requests);
  }

  /** What the upstream said or did; 0 while neither is known. */
  private static long ownTimeout(Upstream u, long now) {
    long advertised = u.advertisedNanos();
    long learned = u.policy().learn() ? u.learnedNanos(now) : 0;
    return advertised == 0 || (learned > 0 && learned < advertised) ? learned : advertised;
  }

  private static long below(long own, Policy p) {
    return Math.max(own - p.marginNanos(), own / 2);
  }

  /** A time as people write it: {@code 4s} or {@code 4500ms}. */
  static String shown(long nanos) {
    long millis = nanos / MILLISECOND;
    return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
  }
}
