package org.keepaliveagent.proxycore;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what holds for the requests of a location from it and the blocks around it. */
final class SettingsReader {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final long DEFAULT_BODY_SIZE = 1024 * 1024;
  private static final int DEFAULT_REQUESTS = 1000;

  /** The last one is as the first: there is no name of a build. */
  private static final List<String> TOKENS = List.of("on", "off", "build");

  private final LogReader logs;

  SettingsReader(LogReader logs) {
    this.logs = logs;
  }

  LocationSettings read(Scope scope) throws ConfigException {
    Directive bodySize = scope.find("client_max_body_size").orElse(null);
    return new LocationSettings(
        MimeTypes.read(scope),
        ErrorPageRule.read(scope.all("error_page")),
        scope.flag("proxy_intercept_errors", false),
        AddedHeader.read(scope.all("add_header")),
        tokens(scope),
        scope.find("internal").isPresent(),
        bodySize == null ? DEFAULT_BODY_SIZE : ConfigValues.size(bodySize),
        limits(scope),
        logs.read(scope));
  }

  private static boolean tokens(Scope scope) throws ConfigException {
    Directive directive = scope.find("server_tokens").orElse(null);
    if (directive != null && !TOKENS.contains(directive.arg(0))) {
      throw directive.invalidValue(directive.arg(0));
    }
    return directive == null || !directive.arg(0).equals("off");
  }

  private static ClientLimits limits(Scope scope) throws ConfigException {
    Directive requests = scope.find("keepalive_requests").orElse(null);
    List<Directive> idle = scope.all("keepalive_timeout");
    return new ClientLimits(
        idle.isEmpty() ? Duration.ofSeconds(75) : ConfigValues.time(idle.get(0)),
        idle.isEmpty() ? null : announced(idle.get(0)),
        requests == null ? DEFAULT_REQUESTS : ConfigValues.count(requests, 0),
        time(scope, "keepalive_time", Duration.ofHours(1)),
        scope.timeout("send_timeout", MINUTE),
        scope.timeout("client_body_timeout", MINUTE));
  }

  private static @Nullable Duration announced(Directive idle) throws ConfigException {
    if (idle.args().size() < 2) {
      return null;
    }
    Duration time = ConfigValues.parseTime(idle.arg(1));
    if (time == null) {
      throw idle.invalid("value");
    }
    return time;
  }

  private static Duration time(Scope scope, String name, Duration otherwise)
      throws ConfigException {
    Directive directive = scope.find(name).orElse(null);
    return directive == null ? otherwise : ConfigValues.time(directive);
  }
}
