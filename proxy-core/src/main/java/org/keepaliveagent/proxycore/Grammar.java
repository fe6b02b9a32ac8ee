package org.keepaliveagent.proxycore;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which directives there are, where each may stand, and with how many arguments. */
final class Grammar {
  /** A kind of block, named as in nginx's documentation. */
  private enum Context {
    MAIN,
    EVENTS,
    HTTP,
    UPSTREAM,
    SERVER,
    LOCATION,
    /** Its directives have the names of types. */
    TYPES
  }

  private record Rule(
      String name,
      Set<Context> contexts,
      int minArgs,
      int maxArgs,
      @Nullable Context opens,
      boolean repeatable) {}

  private static final Set<Context> HTTP_SERVER = Set.of(Context.HTTP, Context.SERVER);
  private static final Set<Context> PROXY = Set.of(Context.HTTP, Context.SERVER, Context.LOCATION);

  private static final Set<Context> SERVER_OR_LOCATION = Set.of(Context.SERVER, Context.LOCATION);

  private static final List<Rule> RULES =
      List.of(
          block("events", Context.MAIN, 0, Context.EVENTS, false),
          block("http", Context.MAIN, 0, Context.HTTP, false),
          block("upstream", Context.HTTP, 1, Context.UPSTREAM, true),
          block("server", Context.HTTP, 0, Context.SERVER, true),
          new Rule(
              "location", Set.of(Context.SERVER, Context.LOCATION), 1, 2, Context.LOCATION, true),
          once("worker_processes", Set.of(Context.MAIN), 1),
          once("daemon", Set.of(Context.MAIN), 1),
          once("pid", Set.of(Context.MAIN), 1),
          many("error_log", Context.MAIN, 1, 2),
          once("worker_connections", Set.of(Context.EVENTS), 1),
          once("use", Set.of(Context.EVENTS), 1),
          once("multi_accept", Set.of(Context.EVENTS), 1),
          once("accept_mutex", Set.of(Context.EVENTS), 1),
          new Rule("user", Set.of(Context.MAIN), 1, 2, null, false),
          once("worker_rlimit_nofile", Set.of(Context.MAIN), 1),
          once("worker_priority", Set.of(Context.MAIN), 1),
          new Rule("worker_cpu_affinity", Set.of(Context.MAIN), 1, Integer.MAX_VALUE, null, false),
          many("load_module", Context.MAIN, 1, 1),
          once("sendfile", PROXY, 1),
          once("tcp_nopush", PROXY, 1),
          once("tcp_nodelay", PROXY, 1),
          once("gzip", PROXY, 1),
          once("ssl_prefer_server_ciphers", Set.of(Context.HTTP, Context.SERVER), 1),
          once("types_hash_max_size", PROXY, 1),
          once("types_hash_bucket_size", PROXY, 1),
          once("server_names_hash_max_size", Set.of(Context.HTTP), 1),
          once("server_names_hash_bucket_size", Set.of(Context.HTTP), 1),
          many("server", Context.UPSTREAM, 1, Integer.MAX_VALUE),
          new Rule("keepalive", Set.of(Context.UPSTREAM), 1, 2, null, false),
          new Rule("zone", Set.of(Context.UPSTREAM), 1, 2, null, false),
          once("least_conn", Set.of(Context.UPSTREAM), 0),
          once("keepalive_requests", Set.of(Context.UPSTREAM), 1),
          once("keepalive_time", Set.of(Context.UPSTREAM), 1),
          once("keepalive_timeout", Set.of(Context.UPSTREAM), 1),
          new Rule("ssl_certificate", HTTP_SERVER, 1, 1, null, true),
          new Rule("ssl_certificate_key", HTTP_SERVER, 1, 1, null, true),
          new Rule("ssl_protocols", HTTP_SERVER, 1, Integer.MAX_VALUE, null, false),
          new Rule("ssl_session_cache", HTTP_SERVER, 1, 2, null, false),
          once("ssl_session_timeout", HTTP_SERVER, 1),
          many("listen", Context.SERVER, 1, Integer.MAX_VALUE),
          many("server_name", Context.SERVER, 1, Integer.MAX_VALUE),
          new Rule("return", Set.of(Context.SERVER, Context.LOCATION), 1, 2, null, true),
          once("proxy_pass", Set.of(Context.LOCATION), 1),
          many("log_format", Context.HTTP, 2, Integer.MAX_VALUE),
          new Rule("access_log", PROXY, 1, Integer.MAX_VALUE, null, true),
          once("proxy_http_version", PROXY, 1),
          new Rule("proxy_set_header", PROXY, 2, 2, null, true),
          once("client_body_buffer_size", PROXY, 1),
          new Rule("client_body_temp_path", PROXY, 1, 4, null, false),
          once("proxy_method", PROXY, 1),
          once("proxy_pass_request_headers", PROXY, 1),
          once("proxy_pass_request_body", PROXY, 1),
          once("proxy_request_buffering", PROXY, 1),
          once("proxy_buffering", PROXY, 1),
          once("proxy_buffer_size", PROXY, 1),
          once("proxy_buffers", PROXY, 2),
          once("proxy_busy_buffers_size", PROXY, 1),
          once("proxy_max_temp_file_size", PROXY, 1),
          once("proxy_temp_file_write_size", PROXY, 1),
          new Rule("proxy_temp_path", PROXY, 1, 4, null, false),
          new Rule("proxy_next_upstream", PROXY, 1, Integer.MAX_VALUE, null, false),
          once("proxy_next_upstream_tries", PROXY, 1),
          once("proxy_next_upstream_timeout", PROXY, 1),
          once("proxy_socket_keepalive", PROXY, 1),
          once("proxy_connect_timeout", PROXY, 1),
          once("proxy_send_timeout", PROXY, 1),
          new Rule("resolver", PROXY, 1, Integer.MAX_VALUE, null, false),
          once("resolver_timeout", PROXY, 1),
          once("proxy_ssl_server_name", PROXY, 1),
          once("proxy_ssl_name", PROXY, 1),
          once("proxy_ssl_session_reuse", PROXY, 1),
          once("proxy_ssl_verify", PROXY, 1),
          once("proxy_ssl_verify_depth", PROXY, 1),
          once("proxy_ssl_trusted_certificate", PROXY, 1),
          once("proxy_ssl_certificate", PROXY, 1),
          once("proxy_ssl_certificate_key", PROXY, 1),
          new Rule("proxy_ssl_protocols", PROXY, 1, Integer.MAX_VALUE, null, false),
          once("proxy_read_timeout", PROXY, 1),
          once("proxy_intercept_errors", PROXY, 1),
          new Rule("internal", Set.of(Context.LOCATION), 0, 0, null, false),
          new Rule("stub_status", SERVER_OR_LOCATION, 0, 1, null, false),
          once("root", PROXY, 1),
          new Rule("index", PROXY, 1, Integer.MAX_VALUE, null, true),
          new Rule("types", PROXY, 0, 0, Context.TYPES, true),
          once("default_type", PROXY, 1),
          new Rule("add_header", PROXY, 2, 3, null, true),
          new Rule("error_page", PROXY, 2, Integer.MAX_VALUE, null, true),
          once("server_tokens", PROXY, 1),
          once("client_max_body_size", PROXY, 1),
          once("client_body_timeout", PROXY, 1),
          once("client_header_timeout", Set.of(Context.HTTP, Context.SERVER), 1),
          once("send_timeout", PROXY, 1),
          new Rule("keepalive_timeout", PROXY, 1, 2, null, false),
          once("keepalive_requests", PROXY, 1),
          once("keepalive_time", PROXY, 1));

  private Grammar() {}

  /** Checks a whole file, the nameless directive of {@link ConfigParser#parse}. */
  static void check(Directive file) throws ConfigException {
    checkBlock(file, Context.MAIN);
  }

  private static void checkBlock(Directive block, Context context) throws ConfigException {
    Set<String> seen = new HashSet<>();
    for (Directive directive : block.children()) {
      Rule rule = rule(directive, context);
      checkForm(directive, rule);
      if (!seen.add(directive.name()) && !rule.repeatable()) {
        throw directive.error("\"" + directive.name() + "\" directive is duplicate");
      }
      if (rule.opens() != null && rule.opens() != Context.TYPES) {
        checkBlock(directive, rule.opens());
      }
    }
  }

  private static Rule rule(Directive directive, Context context) throws ConfigException {
    boolean known = false;
    for (Rule rule : RULES) {
      if (rule.name().equals(directive.name())) {
        known = true;
        if (rule.contexts().contains(context)) {
          return rule;
        }
      }
    }
    String name = "\"" + directive.name() + "\"";
    throw directive.error(
        known ? name + " directive is not allowed here" : "unknown directive " + name);
  }

  private static void checkForm(Directive directive, Rule rule) throws ConfigException {
    String name = "\"" + directive.name() + "\"";
    if (rule.opens() != null && directive.block() == null) {
      throw directive.error("directive " + name + " has no opening \"{\"");
    }
    if (rule.opens() == null && directive.block() != null) {
      throw directive.error("directive " + name + " is not terminated by \";\"");
    }
    int count = directive.args().size();
    if (count < rule.minArgs() || count > rule.maxArgs()) {
      throw directive.error("invalid number of arguments in " + name + " directive");
    }
  }

  private static Rule block(
      String name, Context context, int args, Context opens, boolean repeatable) {
    return new Rule(name, Set.of(context), args, args, opens, repeatable);
  }

  private static Rule once(String name, Set<Context> contexts, int args) {
    return new Rule(name, contexts, args, args, null, false);
  }

  private static Rule many(String name, Context context, int minArgs, int maxArgs) {
    return new Rule(name, Set.of(context), minArgs, maxArgs, null, true);
  }
}
