package org.keepaliveagent.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.policy.Policy;

/**
 * The directives of a policy, one line each: the word, what is allowed, and what takes the value.
 * Reading, messages and the check for unknown keys all come from this table; a new directive is a
 * new line.
 */
@SuppressWarnings("ImmutableEnumChecker") // setters are stateless functions
enum Directive {
  NAME("name", "a name", Setters::name),
  MATCH("match", "host, host:port, *.domain or *:port, one or a list", Setters::match),
  MODE("mode", Words.either(Words.MODES), Setters::mode),
  KEEPALIVE("keepalive", "a number of idle connections, 0 or off", Setters::keepalive),
  KEEPALIVE_REQUESTS("keepalive_requests", "a number of requests, at least 1", Setters::requests),
  KEEPALIVE_TIME("keepalive_time", Setters.TIME, Setters.time(Policy.Builder::maxAgeNanos)),
  KEEPALIVE_TIMEOUT("keepalive_timeout", Setters.TIME, Setters.time(Policy.Builder::idleNanos)),
  KEEPALIVE_MARGIN("keepalive_margin", Setters.TIME, Setters.time(Policy.Builder::marginNanos)),
  KEEPALIVE_SCOPE("keepalive_scope", "process", Setters::scope),
  LEARN("learn", Setters.SWITCH, Setters.onOff(Policy.Builder::learn)),
  FRESH_FOR_NON_IDEMPOTENT("fresh_for_non_idempotent", "0% to 100%, or off", Setters::fresh),
  SET_HEADER("set_header", "a map of header names to \"\"", Setters::setHeader),
  NEXT_UPSTREAM("next_upstream", Words.either(Setters.KINDS), Setters::nextUpstream),
  NEXT_UPSTREAM_TRIES("next_upstream_tries", "a number of attempts", Setters::tries),
  NEXT_UPSTREAM_TIMEOUT("next_upstream_timeout", Setters.TIME, Setters::retryTime),
  IDEMPOTENCY_KEY("idempotency_key", Setters.SWITCH, Setters.onOff(Policy.Builder::idempotencyKey)),

  HTTP_VERSION("http_version"),
  SOCKET_KEEPALIVE("socket_keepalive"),
  CONNECT_TIMEOUT("connect_timeout"),
  SEND_TIMEOUT("send_timeout"),
  READ_TIMEOUT("read_timeout"),
  RETRY_BUDGET("retry_budget"),
  MAX_CONNS("max_conns"),
  MAX_FAILS("max_fails"),
  FAIL_TIMEOUT("fail_timeout"),
  HEALTH_CHECK("health_check"),
  SSL_SERVER_NAME("ssl_server_name"),
  SSL_SESSION_REUSE("ssl_session_reuse"),
  UPSTREAM_MAX_CONNECTIONS("upstream_max_connections");

  /** Puts a value into a policy, or says why not; it does not know where the value stands. */
  interface Setter {
    void set(Value value, String allowed, Policy.Builder policy) throws Refusal;
  }

  /** Every word of the table. */
  static final List<String> WORDS = words(true);

  /** Those of this version. */
  static final List<String> SUPPORTED = words(false);

  private final String word;
  private final String allowed;
  private final @Nullable Setter setter;

  Directive(String word, String allowed, @Nullable Setter setter) {
    this.word = word;
    this.allowed = allowed;
    this.setter = setter;
  }

  /** Part of the language, and not of this version. */
  Directive(String word) {
    this(word, "", null);
  }

  private static List<String> words(boolean all) {
    List<String> words = new ArrayList<>();
    for (Directive directive : values()) {
      if (all || directive.setter != null) {
        words.add(directive.word);
      }
    }
    return Collections.unmodifiableList(words);
  }

  /** The directive of a word; null for any other word. */
  static @Nullable Directive of(String word) {
    int index = WORDS.indexOf(word);
    return index < 0 ? null : values()[index];
  }

  String word() {
    return word;
  }

  String allowed() {
    return allowed;
  }

  /** Puts the value into the policy; what is wrong with it is reported at its place. */
  void set(Value value, Policy.Builder policy) {
    if (setter == null) {
      value.complainOfKey(ProblemKind.UNSUPPORTED, word);
      return;
    }
    try {
      setter.set(value, allowed, policy);
    } catch (Refusal e) {
      value.complain(e);
    }
  }
}
