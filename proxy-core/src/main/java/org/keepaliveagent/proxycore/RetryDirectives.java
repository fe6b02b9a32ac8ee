package org.keepaliveagent.proxycore;

import java.util.Set;

/**
 * {@code proxy_next_upstream}, its {@code _tries} and {@code _timeout}, and {@code
 * proxy_socket_keepalive}: read and checked, but not acted on. Each request has one attempt here,
 * and sockets are as the operating system has them.
 */
final class RetryDirectives {
  private static final Set<String> KINDS =
      Set.of(
          "error",
          "timeout",
          "invalid_header",
          "non_idempotent",
          "http_403",
          "http_404",
          "http_429",
          "http_500",
          "http_502",
          "http_503",
          "http_504",
          "updating",
          "off");

  private RetryDirectives() {}

  static void check(Directive block) throws ConfigException {
    for (Directive next : block.children("proxy_next_upstream")) {
      for (String kind : next.args()) {
        if (!KINDS.contains(kind)) {
          throw next.error("invalid value \"" + kind + "\"");
        }
      }
    }
    for (Directive tries : block.children("proxy_next_upstream_tries")) {
      ConfigValues.count(tries, 0);
    }
    for (Directive time : block.children("proxy_next_upstream_timeout")) {
      ConfigValues.time(time);
    }
    for (Directive keepalive : block.children("proxy_socket_keepalive")) {
      ConfigValues.flag(keepalive);
    }
  }
}
