package org.keepaliveagent.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.policy.FailureKind;
import org.keepaliveagent.policy.HealthCheck;
import org.keepaliveagent.policy.Mode;
import org.keepaliveagent.policy.Policy;
import org.keepaliveagent.policy.SocketKeepalive;
import org.keepaliveagent.policy.UpstreamPattern;

/**
 * What the directives do with their values. Each takes a value or refuses it with a phrase; of a
 * list or a map each item is judged for itself.
 */
final class Setters {
  static final String NON_IDEMPOTENT = "non_idempotent";

  private static final String TIME = "a time such as 500ms, 60s or 1h30m";
  private static final String SWITCH = "on or off";
  private static final String OFF = "off";
  private static final String TIME_SCHEMA =
      "{\"type\": [\"string\", \"integer\"], \"pattern\": \"^(0|([0-9]+(w|d|h|m|s|ms))+|\\\\$\\\\{.*)$\"}";
  private static final String COUNT_SCHEMA =
      "{\"anyOf\": [{\"type\": \"integer\", \"minimum\": 0},"
          + " {\"type\": \"string\", \"pattern\": \"^([0-9]+|off|\\\\$\\\\{.*)$\"}]}";
  private static final String WORD_SCHEMA = "{\"type\": [\"string\", \"number\"]}";
  private static final String PERCENT_SCHEMA =
      "{\"type\": \"string\", \"pattern\": \"^([0-9]{1,3}%|off|\\\\$\\\\{.*)$\"}";

  /** Headers that frame a message, or name its target: RFC 9112, 6 and RFC 9110, 7.2. */
  private static final List<String> FRAMING =
      Arrays.asList("content-length", "transfer-encoding", "host");

  /** The words of {@code next_upstream}. */
  static final List<String> KINDS = kinds();

  static final Form NAME = new Form("a name", WORD_SCHEMA, Setters::name);
  static final Form MATCH =
      new Form(
          "host, host:port, *.domain, *:port or 10.0.0.0/8, one or a list",
          "{\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"array\", \"minItems\": 1, \"items\":"
              + " {\"type\": \"string\"}}]}",
          Setters::match);
  static final Form MODE = new Form(Words.either(Words.MODES), oneOf(Words.MODES), Setters::mode);
  static final Form KEEPALIVE =
      new Form("a number of idle connections, 0 or off", COUNT_SCHEMA, Setters::keepalive);
  static final Form REQUESTS =
      new Form("a number of requests, at least 1", COUNT_SCHEMA, Setters::requests);
  static final Form SCOPE =
      new Form("process or pool", oneOf(Arrays.asList("process", "pool")), Setters::scope);
  static final Form FRESH = new Form("0% to 100%, or off", PERCENT_SCHEMA, Setters::fresh);
  static final Form HEADERS =
      new Form(
          "a map of header names to values; \"\" removes the header",
          "{\"type\": \"object\", \"additionalProperties\": {\"type\": [\"string\", \"number\"]}}",
          Setters::headers);
  static final Form NEXT_UPSTREAM =
      new Form(
          Words.either(KINDS),
          "{\"anyOf\": ["
              + oneOf(KINDS)
              + ", {\"type\": \"array\", \"minItems\": 1, \"items\": "
              + oneOf(KINDS)
              + "}]}",
          Setters::nextUpstream);
  static final Form TRIES = new Form("a number of attempts", COUNT_SCHEMA, Setters::tries);
  static final Form RETRY_TIME = new Form(TIME, TIME_SCHEMA, Setters::retryTime);
  static final Form BUDGET = new Form("0% to 100%, or off", PERCENT_SCHEMA, Setters::budget);
  static final Form HTTP_VERSION =
      new Form(
          "\"1.0\" or \"1.1\"", "{\"enum\": [\"1.0\", \"1.1\", 1.0, 1.1]}", Setters::httpVersion);
  static final Form SOCKET_KEEPALIVE =
      new Form(
          "on, off, or a map of idle, interval and count",
          "{\"anyOf\": ["
              + oneOf(Arrays.asList("on", OFF))
              + ", {\"type\": \"object\", \"additionalProperties\": false, \"properties\":"
              + " {\"idle\": "
              + TIME_SCHEMA
              + ", \"interval\": "
              + TIME_SCHEMA
              + ", \"count\": "
              + COUNT_SCHEMA
              + "}}]}",
          Setters::socketKeepalive);
  static final Form SERVER_NAME =
      new Form(SWITCH, oneOf(Arrays.asList("on", OFF)), Setters::serverName);
  static final Form HEALTH_CHECK =
      new Form(
          "a map of uri, interval, fails and passes, or off",
          "{\"anyOf\": ["
              + oneOf(Collections.singletonList(OFF))
              + ", {\"type\": \"object\", \"additionalProperties\": false, \"properties\":"
              + " {\"uri\": {\"type\": \"string\"}, \"interval\": "
              + TIME_SCHEMA
              + ", \"fails\": "
              + COUNT_SCHEMA
              + ", \"passes\": "
              + COUNT_SCHEMA
              + "}}]}",
          Setters::healthCheck);

  /** Takes nanoseconds or a number. */
  interface LongField {
    Policy.Builder set(Policy.Builder policy, long value);
  }

  /** Takes on or off. */
  interface Flag {
    Policy.Builder set(Policy.Builder policy, boolean value);
  }

  private Setters() {}

  private static String oneOf(List<String> words) {
    return "{\"enum\": [\"" + String.join("\", \"", words) + "\"]}";
  }

  private static long atLeastOne(Value value, String allowed) throws Refusal {
    String word = value.word(allowed);
    long count = Numbers.count(word, allowed);
    if (count == 0) {
      throw new Refusal(ProblemKind.NOT_ALLOWED, Words.quote(word), allowed, ".");
    }
    return count;
  }

  private static List<String> kinds() {
    List<String> words = new ArrayList<>();
    for (FailureKind kind : FailureKind.values()) {
      words.add(kind.word());
    }
    Collections.addAll(words, NON_IDEMPOTENT, OFF);
    return Collections.unmodifiableList(words);
  }

  static Form time(LongField field) {
    return new Form(
        TIME, TIME_SCHEMA, (value, allowed, policy) -> field.set(policy, nanos(value, allowed)));
  }

  private static long nanos(Value value, String allowed) throws Refusal {
    return Numbers.nanos(value.word(allowed), value.unitlessIsSeconds());
  }

  static Form onOff(Flag field) {
    return new Form(
        SWITCH,
        oneOf(Arrays.asList("on", OFF)),
        (value, allowed, policy) -> field.set(policy, isOn(value, allowed)));
  }

  /** Clients name the server by themselves, and the agent does not keep them from it. */
  private static void serverName(Value value, String allowed, Policy.Builder policy)
      throws Refusal {
    boolean on = isOn(value, allowed);
    if (!on) {
      value.complain(ProblemKind.NOT_ENFORCED, "ssl_server_name: off");
    }
    policy.sslServerName(on ? Policy.Answer.ON : Policy.Answer.OFF);
  }

  private static boolean isOn(Value value, String allowed) throws Refusal {
    String word = value.word(allowed);
    if (!word.equals("on") && !word.equals(OFF)) {
      throw new Refusal(ProblemKind.NOT_ALLOWED, Words.quote(word), allowed, ".");
    }
    return word.equals("on");
  }

  /**
   * A number of which 0 means something of its own.
   *
   * @param ofZero what is set for 0
   */
  static Form count(String allowed, long ofZero, LongField field) {
    return new Form(
        allowed,
        COUNT_SCHEMA,
        (value, text, policy) -> {
          long count = Numbers.count(value.word(text), text);
          field.set(policy, count == 0 ? ofZero : count);
        });
  }

  /** A number of at least 1. */
  static Form positive(String allowed, LongField field) {
    return new Form(
        allowed, COUNT_SCHEMA, (value, text, policy) -> field.set(policy, atLeastOne(value, text)));
  }

  private static void name(Value value, String allowed, Policy.Builder policy) throws Refusal {
    String name = value.word(allowed);
    if (name.trim().isEmpty() || !Words.isPrintable(name)) {
      throw new Refusal(
          ProblemKind.NOT_ALLOWED,
          Words.quote(name),
          "a name of 1 to 60 printable characters",
          ".");
    }
    policy.name(name);
  }

  private static void mode(Value value, String allowed, Policy.Builder policy) throws Refusal {
    String word = value.word(allowed);
    Mode mode = Mode.of(word);
    if (mode == null) {
      String hint = Words.hint(word, Words.MODES);
      throw new Refusal(ProblemKind.NOT_ALLOWED, Words.quote(word), allowed, hint);
    }
    policy.mode(mode);
  }

  /** Only judges the patterns: they belong to the table, not to the policy. */
  private static void match(Value value, String allowed, Policy.Builder policy) throws Refusal {
    for (Value item : value.items(allowed)) {
      try {
        String text = item.word(allowed);
        try {
          UpstreamPattern.parse(text);
        } catch (IllegalArgumentException e) {
          throw new Refusal(
              ProblemKind.BAD_PATTERN, Words.quote(text), String.valueOf(e.getMessage()));
        }
      } catch (Refusal e) {
        item.complain(e);
      }
    }
  }

  private static void keepalive(Value value, String allowed, Policy.Builder policy) throws Refusal {
    String word = value.word(allowed);
    policy.maxIdle(word.equals(OFF) ? 0 : Numbers.count(word, allowed));
  }

  private static void requests(Value value, String allowed, Policy.Builder policy) throws Refusal {
    long count = Numbers.count(value.word(allowed), allowed);
    if (count == 0) {
      throw new Refusal(ProblemKind.NO_REQUESTS);
    }
    policy.maxRequests(count);
  }

  private static void scope(Value value, String allowed, Policy.Builder policy) throws Refusal {
    String word = value.word(allowed);
    Policy.Scope scope = null;
    for (Policy.Scope each : Policy.Scope.values()) {
      if (each.name().toLowerCase(Locale.ROOT).equals(word)) {
        scope = each;
      }
    }
    if (scope == null) {
      throw new Refusal(ProblemKind.NOT_ALLOWED, Words.quote(word), allowed, ".");
    }
    policy.scope(scope);
  }

  private static void fresh(Value value, String allowed, Policy.Builder policy) throws Refusal {
    String word = value.word(allowed);
    policy.freshPercent(word.equals(OFF) ? 100 : Numbers.percent(word, allowed));
  }

  private static void headers(Value value, String allowed, Policy.Builder policy) throws Refusal {
    for (Map.Entry<String, Value> header : value.entries(allowed).entrySet()) {
      Value content = header.getValue();
      String name = header.getKey();
      try {
        if (!token(name)) {
          content.complainOfKey(ProblemKind.HEADER_NAME, Words.quote(name));
          continue;
        }
        if (frames(name)) {
          content.complainOfKey(ProblemKind.HEADER_FRAMES, Words.quote(name));
          continue;
        }
        String word = content.word("\"\" or the header's value");
        if (!Words.isFieldValue(word)) {
          throw new Refusal(
              ProblemKind.NOT_ALLOWED, Words.quote(word), "a value that a header can have", ".");
        }
        policy.header(name, word);
      } catch (Refusal e) {
        content.complain(e);
      }
    }
  }

  /** Whether a header frames a message or names its target. */
  static boolean frames(String header) {
    return FRAMING.contains(header.toLowerCase(Locale.ROOT));
  }

  /** RFC 9110, 5.6.2. */
  private static boolean token(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!letter && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
        return false;
      }
    }
    return !name.isEmpty();
  }

  private static void nextUpstream(Value value, String allowed, Policy.Builder policy)
      throws Refusal {
    List<Value> items = value.items(allowed);
    List<String> words = new ArrayList<>();
    for (Value item : items) {
      try {
        words.add(kindWord(item, allowed));
      } catch (Refusal e) {
        item.complain(e);
      }
    }
    if (words.contains(OFF) && items.size() > 1) {
      throw new Refusal(ProblemKind.OFF_AND_MORE);
    }
    if (words.size() < items.size()) {
      return;
    }
    Set<FailureKind> kinds = EnumSet.noneOf(FailureKind.class);
    for (FailureKind kind : FailureKind.values()) {
      if (words.contains(kind.word())) {
        kinds.add(kind);
      }
    }
    boolean nonIdempotent = words.contains(NON_IDEMPOTENT);
    if (nonIdempotent && kinds.isEmpty()) {
      throw new Refusal(ProblemKind.NO_KIND);
    }
    policy.nextUpstream(kinds, nonIdempotent);
  }

  private static String kindWord(Value item, String allowed) throws Refusal {
    String word = item.word(allowed);
    if (KINDS.contains(word)) {
      return word;
    }
    if (word.trim().indexOf(' ') > 0 || word.indexOf(',') > 0) {
      throw new Refusal(ProblemKind.SEVERAL_WORDS, Words.quote(word), "[error, timeout]");
    }
    String hint = Words.hint(word, KINDS);
    throw new Refusal(ProblemKind.NOT_ALLOWED, Words.quote(word), allowed, hint);
  }

  /**
   * 0 is one attempt for each server, as in {@code ngx_http_upstream_tries}; in YAML there is one.
   */
  private static void tries(Value value, String allowed, Policy.Builder policy) throws Refusal {
    long count = Numbers.count(value.word(allowed), allowed);
    policy.tries(Math.max(1, count));
  }

  /** 0 is no limit, as in {@code ngx_http_upstream_next}. */
  private static void retryTime(Value value, String allowed, Policy.Builder policy) throws Refusal {
    long nanos = nanos(value, allowed);
    policy.retryNanos(nanos == 0 ? Policy.UNLIMITED : nanos);
  }

  private static void budget(Value value, String allowed, Policy.Builder policy) throws Refusal {
    String word = value.word(allowed);
    policy.retryPercent(
        word.equals(OFF) ? Policy.UNLIMITED_PERCENT : Numbers.percent(word, allowed));
  }

  private static void httpVersion(Value value, String allowed, Policy.Builder policy)
      throws Refusal {
    String word = value.word(allowed);
    if (word.equals("2") || word.equals("2.0")) {
      throw new Refusal(ProblemKind.UNSUPPORTED_VALUE, Words.quote(word), allowed);
    }
    if (!word.equals("1.0") && !word.equals("1.1")) {
      throw new Refusal(ProblemKind.NOT_ALLOWED, Words.quote(word), allowed, ".");
    }
    policy.http10(word.equals("1.0"));
  }

  private static void socketKeepalive(Value value, String allowed, Policy.Builder policy)
      throws Refusal {
    if (value.mapping() == null) {
      boolean on = isOn(value, allowed);
      policy.socketKeepalive(on ? SocketKeepalive.on(0, 0, 0) : SocketKeepalive.OFF);
      return;
    }
    Map<String, Value> parts = parts(value, allowed, Arrays.asList("idle", "interval", "count"));
    policy.socketKeepalive(
        SocketKeepalive.on(
            nanos(parts.get("idle"), 0),
            nanos(parts.get("interval"), 0),
            number(parts.get("count"), 0)));
  }

  private static void healthCheck(Value value, String allowed, Policy.Builder policy)
      throws Refusal {
    if (value.mapping() == null) {
      String word = value.word(allowed);
      if (!word.equals(OFF)) {
        throw new Refusal(ProblemKind.NOT_ALLOWED, Words.quote(word), allowed, ".");
      }
      policy.healthCheck(HealthCheck.NONE);
      return;
    }
    Map<String, Value> parts =
        parts(value, allowed, Arrays.asList("uri", "interval", "fails", "passes"));
    Value uri = parts.get("uri");
    String path = uri == null ? "/" : uri.word("a path");
    if (uri != null && (!path.startsWith("/") || !Words.isPrintable(path) || path.contains(" "))) {
      uri.complain(new Refusal(ProblemKind.NOT_ALLOWED, Words.quote(path), "a path, /...", "."));
    }
    policy.healthCheck(
        new HealthCheck(
            path,
            nanos(parts.get("interval"), 5_000_000_000L),
            number(parts.get("fails"), 1),
            number(parts.get("passes"), 1)));
  }

  private static Map<String, Value> parts(Value value, String allowed, List<String> known)
      throws Refusal {
    Map<String, Value> parts = value.entries(allowed);
    for (Map.Entry<String, Value> part : parts.entrySet()) {
      String word = part.getKey();
      if (!known.contains(word)) {
        String hint = Words.hintOrList(word, known, known);
        part.getValue().complainOfKey(ProblemKind.UNKNOWN_KEY, Words.quote(word), hint);
      }
    }
    return parts;
  }

  private static long nanos(@Nullable Value value, long otherwise) {
    if (value == null) {
      return otherwise;
    }
    try {
      long nanos = nanos(value, TIME);
      if (nanos > 0) {
        return nanos;
      }
      throw new Refusal(ProblemKind.NOT_ALLOWED, Words.quote(value.word(TIME)), TIME, ".");
    } catch (Refusal e) {
      value.complain(e);
      return otherwise;
    }
  }

  private static long number(@Nullable Value value, long otherwise) {
    String allowed = "a number of at least 1";
    if (value == null) {
      return otherwise;
    }
    try {
      return atLeastOne(value, allowed);
    } catch (Refusal e) {
      value.complain(e);
      return otherwise;
    }
  }
}
