package org.keepaliveagent.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.policy.Policy;

/**
 * The directives of a policy, one entry each: the word, how a value is written and what takes it,
 * how a policy's value is shown, and what it is for. Reading, messages, the check for unknown keys,
 * the documentation and the editors' schema all come from this table.
 */
@SuppressWarnings("ImmutableEnumChecker") // setters and showers are stateless functions
enum Directive {
  NAME("name", Setters.NAME, Policy::name, "what spans, findings and messages call it"),
  MATCH("match", Setters.MATCH, p -> "", "the upstreams that it holds for; first match wins"),
  MODE(
      "mode",
      Setters.MODE,
      p -> p.mode().word(),
      "how far the agent goes; observe counts what would have been done and changes nothing"),
  KEEPALIVE(
      "keepalive",
      Setters.KEEPALIVE,
      p -> Shown.count(p.maxIdle()),
      "idle connections kept; the least recently used is closed"),
  KEEPALIVE_SCOPE(
      "keepalive_scope",
      Setters.SCOPE,
      p -> p.scope().name().toLowerCase(Locale.ROOT),
      "whether keepalive counts over all pools of the process or over each"),
  KEEPALIVE_REQUESTS(
      "keepalive_requests",
      Setters.REQUESTS,
      p -> Shown.count(p.maxRequests()),
      "requests that a connection carries"),
  KEEPALIVE_TIME(
      "keepalive_time",
      Setters.time(Policy.Builder::maxAgeNanos),
      p -> Shown.time(p.maxAgeNanos()),
      "how old a connection may get"),
  KEEPALIVE_TIMEOUT(
      "keepalive_timeout",
      Setters.time(Policy.Builder::idleNanos),
      p -> Shown.time(p.idleNanos()),
      "how long a connection may be idle; what the upstream advertises or does may lower it"),
  KEEPALIVE_MARGIN(
      "keepalive_margin",
      Setters.time(Policy.Builder::marginNanos),
      p -> Shown.time(p.marginNanos()),
      "taken off advertised and learned time-outs"),
  LEARN(
      "learn",
      Setters.onOff(Policy.Builder::learn),
      p -> Shown.onOff(p.learn()),
      "whether the upstream's own closes set an idle time-out"),
  FRESH_FOR_NON_IDEMPOTENT(
      "fresh_for_non_idempotent",
      Setters.FRESH,
      p -> p.freshPercent() + "%",
      "requests that must not be sent twice use connections idle for less than this share of the"
          + " idle time-out"),
  HTTP_VERSION(
      "http_version",
      Setters.HTTP_VERSION,
      p -> p.http10() ? "\"1.0\"" : "\"1.1\"",
      "1.0 parks nothing"),
  SET_HEADER(
      "set_header",
      Setters.HEADERS,
      p -> Shown.headers(p.headers()),
      "headers that do not cross; Connection \"\" stands for all that belong to the hop"),
  SOCKET_KEEPALIVE(
      "socket_keepalive",
      Setters.SOCKET_KEEPALIVE,
      p -> Shown.socketKeepalive(p.socketKeepalive()),
      "the kernel's probes of idle connections"),
  CONNECT_TIMEOUT(
      "connect_timeout",
      Setters.time(Policy.Builder::connectNanos),
      p -> Shown.timeout(p.connectNanos()),
      "how long connecting may take, TLS included"),
  SEND_TIMEOUT(
      "send_timeout",
      Setters.time(Policy.Builder::sendNanos),
      p -> Shown.timeout(p.sendNanos()),
      "the time between two writes"),
  READ_TIMEOUT(
      "read_timeout",
      Setters.time(Policy.Builder::readNanos),
      p -> Shown.timeout(p.readNanos()),
      "the time between two reads"),
  NEXT_UPSTREAM(
      "next_upstream",
      Setters.NEXT_UPSTREAM,
      Shown::kinds,
      "failures after which a request is tried again, if it may be"),
  NEXT_UPSTREAM_TRIES(
      "next_upstream_tries",
      Setters.TRIES,
      p -> Shown.count(p.tries()),
      "attempts; one on a stale connection costs none"),
  NEXT_UPSTREAM_TIMEOUT(
      "next_upstream_timeout",
      Setters.RETRY_TIME,
      p -> Shown.time(p.retryNanos()),
      "the time since the first attempt in which another may start"),
  IDEMPOTENCY_KEY(
      "idempotency_key",
      Setters.onOff(Policy.Builder::idempotencyKey),
      p -> Shown.onOff(p.idempotencyKey()),
      "whether a request with an Idempotency-Key counts as safe to repeat"),
  RETRY_BUDGET(
      "retry_budget",
      Setters.BUDGET,
      p -> Shown.budget(p.retryPercent()),
      "retries in progress as a share of the requests in progress, at least three"),
  MAX_CONNS(
      "max_conns",
      Setters.count(
          "a number of requests, 0 for no limit", Policy.UNLIMITED, Policy.Builder::maxConns),
      p -> Shown.count(p.maxConns()),
      "requests in progress"),
  MAX_FAILS(
      "max_fails",
      Setters.count("a number of failures, 0 for never", 0, Policy.Builder::maxFails),
      p -> p.maxFails() == Policy.UNLIMITED ? "never" : Shown.count(p.maxFails()),
      "failures within fail_timeout after which a library that chooses among peers leaves one alone"),
  FAIL_TIMEOUT(
      "fail_timeout",
      Setters.time(Policy.Builder::failNanos),
      p -> Shown.time(p.failNanos()),
      "for how long failures count, and a peer is left alone"),
  HEALTH_CHECK(
      "health_check",
      Setters.HEALTH_CHECK,
      p -> Shown.healthCheck(p.healthCheck()),
      "how peers are probed: one that fails has its idle connections closed, and gets no requests where the library chooses"),
  SSL_SERVER_NAME(
      "ssl_server_name",
      Setters.SERVER_NAME,
      p -> Shown.answer(p.sslServerName()),
      "whether TLS names the server (SNI): clients do; finding KF08 tells of one that does not"),
  SSL_SESSION_REUSE(
      "ssl_session_reuse",
      Setters.onOff((p, on) -> p.sslSessionReuse(on ? Policy.Answer.ON : Policy.Answer.OFF)),
      p -> Shown.answer(p.sslSessionReuse()),
      "whether TLS sessions are offered again"),
  UPSTREAM_MAX_CONNECTIONS(
      "upstream_max_connections",
      Setters.positive("a number of connections", Policy.Builder::upstreamMaxConnections),
      p -> Shown.count(p.upstreamMaxConnections()),
      "what the upstream can bear; for findings only"),
  INSTANCES(
      "instances",
      Setters.positive("a number of processes", Policy.Builder::instances),
      p -> Shown.count(p.instances()),
      "how many processes run with this policy; for findings only");

  /** Every word of the table. */
  static final List<String> WORDS = words();

  private final String word;
  private final Form form;
  private final Function<Policy, String> shower;
  private final String help;

  Directive(String word, Form form, Function<Policy, String> shower, String help) {
    this.word = word;
    this.form = form;
    this.shower = shower;
    this.help = help;
  }

  private static List<String> words() {
    List<String> words = new ArrayList<>();
    for (Directive directive : values()) {
      words.add(directive.word);
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

  Form form() {
    return form;
  }

  /** What it is for. */
  String help() {
    return help;
  }

  /** The value that a policy has, as YAML writes it, or in words where YAML has none. */
  String shown(Policy policy) {
    return shower.apply(policy);
  }
}
