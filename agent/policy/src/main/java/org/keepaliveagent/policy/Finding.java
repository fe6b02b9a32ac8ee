package org.keepaliveagent.policy;

/** Something wrong with how an upstream's connections are kept, with its evidence. Immutable. */
public final class Finding {
  /** What can be found; an id is never given to another kind. */
  public enum Kind {
    NO_REUSE("KF01", "no connection is reused"),
    THRASH("KF02", "connections are closed for want of room and opened again"),
    OVERSIZED("KF03", "more idle connections than the upstream can bear"),
    IDLE_TOO_LONG("KF04", "connections wait as long as the upstream keeps them, or longer"),
    AGE_FOR_IDLE("KF05", "keepalive_time stands where keepalive_timeout was meant"),
    UNREPAIRED_RESETS("KF06", "requests died on reused connections and nothing repeated them"),
    UNSAFE_RETRIES("KF07", "requests that may have effects twice were repeated"),
    TLS("KF08", "TLS handshakes cost more or say less than they could"),
    DEAD_PEER("KF09", "connections to a peer that does not answer stay parked"),
    IMPACT("KF10", "connections opened for each 1,000 requests");

    private final String id;
    private final String title;

    Kind(String id, String title) {
      this.id = id;
      this.title = title;
    }

    public String id() {
      return id;
    }

    /** What it is, without numbers. */
    public String title() {
      return title;
    }
  }

  private final Kind kind;
  private final Upstream upstream;
  private final String evidence;
  private final String remedy;

  Finding(Kind kind, Upstream upstream, String evidence, String remedy) {
    this.kind = kind;
    this.upstream = upstream;
    this.evidence = evidence;
    this.remedy = remedy;
  }

  public Kind kind() {
    return kind;
  }

  public Upstream upstream() {
    return upstream;
  }

  /** The numbers. */
  public String evidence() {
    return evidence;
  }

  /** The line to write in the policy, or what to do instead; empty where nothing is to be done. */
  public String remedy() {
    return remedy;
  }

  /** One line for a log. */
  @Override
  public String toString() {
    String said = kind.id + " " + upstream + ": " + kind.title + ": " + evidence + ".";
    return remedy.isEmpty() ? said : said + " " + remedy + ".";
  }
}
