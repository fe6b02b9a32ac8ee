package org.keepaliveagent.proxycore;

import io.netty.util.AsciiString;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The variables that tell what an {@link Account} has. */
final class AccountVariables {
  private interface Fact {
    @Nullable String of(Account account);
  }

  private static final Map<String, Variable> BY_NAME =
      Map.ofEntries(
          fact("status", account -> "%03d".formatted(account.status())),
          fact("bytes_sent", account -> String.valueOf(account.sent())),
          fact("body_bytes_sent", account -> String.valueOf(account.bodySent())),
          fact("request_length", account -> String.valueOf(account.requestLength())),
          fact("request_time", account -> LogTime.seconds(account.millis())),
          fact("request_body", Account::body),
          attempts("upstream_addr", Attempt::address),
          attempts("upstream_status", Attempt::status),
          attempts("upstream_connect_time", Attempt::connectTime),
          attempts("upstream_header_time", Attempt::headTime),
          attempts("upstream_response_time", Attempt::time),
          attempts("upstream_response_length", Attempt::bodyBytes),
          attempts("upstream_bytes_received", Attempt::received),
          attempts("upstream_bytes_sent", Attempt::sent));

  private static final String SENT_HEADER = "sent_http_";
  private static final String UPSTREAM_HEADER = "upstream_http_";

  private AccountVariables() {}

  /** Null when there is none of this name. */
  static @Nullable Variable find(String name) {
    if (name.startsWith(SENT_HEADER)) {
      AsciiString header = header(name.substring(SENT_HEADER.length()));
      return of(account -> account.sentHeader(header));
    }
    if (name.startsWith(UPSTREAM_HEADER)) {
      AsciiString header = header(name.substring(UPSTREAM_HEADER.length()));
      return of(account -> account.upstreamHeader(header));
    }
    return BY_NAME.get(name);
  }

  /** The header that a variable's name stands for. */
  static AsciiString header(String name) {
    return AsciiString.of(name.replace('_', '-').toLowerCase(Locale.ROOT));
  }

  private static Map.Entry<String, Variable> fact(String name, Fact fact) {
    return Map.entry(name, of(fact));
  }

  private static Map.Entry<String, Variable> attempts(String name, Function<Attempt, String> fact) {
    return fact(name, account -> account.attempts(fact));
  }

  private static Variable of(Fact fact) {
    return request -> {
      Account account = request.account();
      return account == null ? null : fact.of(account);
    };
  }
}
