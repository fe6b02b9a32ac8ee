package org.keepaliveagent.ittests;

import java.util.List;
import org.keepaliveagent.conformance.Cue;
import org.keepaliveagent.conformance.ScriptedUpstream.Script;

/**
 * One row of what nginx does with its upstreams, as a play for three: nginx itself, proxy-core
 * under the agent, proxy-core alone. All run the same configuration in front of the same scripts.
 *
 * <p>What came of it is one line, see {@link NginxStage#outcome()}.
 *
 * @param name a sentence; where the agent is better than nginx on purpose, it says how
 * @param upstream the {@code upstream} block; {@code %1$s}, {@code %2$s} and so on are its servers
 * @param location what the location states besides {@code proxy_pass}
 * @param scripts what each server does
 * @param play what the client does
 * @param nginx what comes of it with nginx 1.22
 * @param agent the same with proxy-core under the agent
 * @param alone the same with proxy-core alone
 */
record NginxRow(
    String name,
    String upstream,
    String location,
    List<Script> scripts,
    Play play,
    String nginx,
    String agent,
    String alone) {
  /** What the client does. */
  interface Play {
    void on(NginxStage stage) throws Exception;
  }

  static final String REUSE = "proxy_http_version 1.1; proxy_set_header Connection \"\"; ";

  static final Script ANSWERS = (connection, request) -> Cue.ANSWER;

  /** Each connection carries one request. */
  static final Script STALE = (connection, request) -> request == 1 ? Cue.ANSWER : Cue.CLOSE;

  /** The first connection carries one request. */
  static final Script STALE_ONCE =
      (connection, request) -> connection == 1 && request > 1 ? Cue.CLOSE : Cue.ANSWER;

  /** A row whose name does not tell of a difference between nginx and the agent: there is none. */
  static Builder same(String name) {
    return new Builder(name, false);
  }

  /** A row whose name tells what the agent does better. */
  static Builder better(String name) {
    return new Builder(name, true);
  }

  @Override
  public String toString() {
    return name;
  }

  /** Writes a row in the order in which it is read. */
  static final class Builder {
    private final String name;
    private final boolean better;
    private String upstream = "server %1$s; keepalive 8;";
    private String location = REUSE;
    private List<Script> scripts = List.of();

    private Builder(String name, boolean better) {
      this.name = name;
      this.better = better;
    }

    Builder upstream(String block) {
      upstream = block;
      return this;
    }

    /** Besides {@link #REUSE}. */
    Builder location(String directives) {
      location = REUSE + directives;
      return this;
    }

    Builder bareLocation() {
      location = "";
      return this;
    }

    Builder servers(Script... each) {
      scripts = List.of(each);
      return this;
    }

    /** What comes of it with nginx and the agent alike, and without the agent. */
    NginxRow play(Play play, String kept, String alone) {
      if (better) {
        throw new IllegalArgumentException(name);
      }
      return new NginxRow(name, upstream, location, scripts, play, kept, kept, alone);
    }

    /** What comes of it with nginx, with the agent, and without the agent. */
    NginxRow play(Play play, String nginx, String agent, String alone) {
      if (!better || nginx.equals(agent)) {
        throw new IllegalArgumentException(name);
      }
      return new NginxRow(name, upstream, location, scripts, play, nginx, agent, alone);
    }
  }
}
