package org.keepaliveagent.proxycore;

import java.util.List;
import java.util.Set;

/**
 * Checks the directives that nginx.conf files have for nginx's own processes, memory and sockets.
 *
 * <p>Nothing is done for them: {@code user}, {@code worker_rlimit_nofile}, {@code
 * worker_cpu_affinity}, {@code worker_priority}, {@code worker_connections}, {@code use}, {@code
 * multi_accept}, {@code accept_mutex}, {@code sendfile}, {@code tcp_nopush}, {@code tcp_nodelay}
 * (always on), {@code types_hash_*} and {@code server_names_hash_*}; {@code load_module} (what a
 * module has for directives is unknown all the same); {@code gzip} (nothing is compressed, as where
 * a client does not ask for it); {@code ssl_prefer_server_ciphers} (the server's order always
 * counts, as the JDK has it).
 */
final class TuningReader {
  private static final Set<String> FLAGS =
      Set.of(
          "multi_accept",
          "accept_mutex",
          "sendfile",
          "tcp_nopush",
          "tcp_nodelay",
          "gzip",
          "ssl_prefer_server_ciphers");
  private static final Set<String> COUNTS =
      Set.of(
          "worker_rlimit_nofile",
          "types_hash_max_size",
          "types_hash_bucket_size",
          "server_names_hash_max_size",
          "server_names_hash_bucket_size");
  private static final List<String> EVENT_TYPES = List.of("epoll", "poll", "select");

  private TuningReader() {}

  /** Checks those in a block and in all blocks inside of it. */
  static void check(Directive block) throws ConfigException {
    for (Directive directive : block.children()) {
      if (FLAGS.contains(directive.name())) {
        ConfigValues.flag(directive);
      } else if (COUNTS.contains(directive.name())) {
        ConfigValues.count(directive, 1);
      } else if (directive.name().equals("worker_connections")
          && ConfigValues.parseCount(directive.arg(0)) < 1) {
        throw directive.error("invalid number \"" + directive.arg(0) + "\"");
      } else if (directive.name().equals("use") && !EVENT_TYPES.contains(directive.arg(0))) {
        throw directive.error("invalid event type \"" + directive.arg(0) + "\"");
      } else if (!directive.name().equals("types")) {
        check(directive);
      }
    }
  }
}
