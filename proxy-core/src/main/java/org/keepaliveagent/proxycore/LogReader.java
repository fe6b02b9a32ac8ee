package org.keepaliveagent.proxycore;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads {@code log_format} and {@code access_log}.
 *
 * <p>Without any {@code access_log} there is no log; nginx has one then, at a place that is built
 * in.
 */
final class LogReader {
  private static final String COMBINED = "combined";

  private final Path prefix;
  private final Map<String, LogFormat> formats = new HashMap<>();
  private final Set<Path> files = new LinkedHashSet<>();

  /**
   * @param prefix what relative paths are relative to
   */
  LogReader(Path prefix) {
    this.prefix = prefix;
  }

  void addFormats(Directive http) throws ConfigException {
    for (Directive directive : http.children("log_format")) {
      String name = directive.arg(0);
      LogFormat format = LogFormat.read(directive);
      if (name.equals(COMBINED) || formats.putIfAbsent(name, format) != null) {
        throw directive.error("duplicate \"log_format\" name \"" + name + "\"");
      }
    }
  }

  /** The logs of a block: its own, or else those of the nearest block around it. */
  List<AccessLog> read(Scope scope) throws ConfigException {
    List<AccessLog> logs = new ArrayList<>();
    boolean off = false;
    for (Directive directive : scope.all("access_log")) {
      if (directive.arg(0).equals("off")) {
        off = true;
        refuseFrom(directive, 1);
      } else {
        logs.add(log(directive));
      }
    }
    if (off) {
      return List.of();
    }
    logs.forEach(log -> files.add(log.file()));
    return List.copyOf(logs);
  }

  private AccessLog log(Directive directive) throws ConfigException {
    String file = directive.arg(0);
    if (file.startsWith("syslog:") || file.contains("$")) {
      throw directive.error("only a file is supported, not \"" + file + "\"");
    }
    refuseFrom(directive, 2);
    return new AccessLog(prefix.resolve(file), format(directive));
  }

  private LogFormat format(Directive directive) throws ConfigException {
    String name = directive.args().size() < 2 ? COMBINED : directive.arg(1);
    if (name.equals(COMBINED)) {
      return LogFormat.combined(directive);
    }
    LogFormat format = formats.get(name);
    if (format == null || !format.precedes(directive)) {
      throw directive.error("unknown log format \"" + name + "\"");
    }
    return format;
  }

  private static void refuseFrom(Directive directive, int argument) throws ConfigException {
    if (directive.args().size() > argument) {
      throw directive.error("invalid parameter \"" + directive.arg(argument) + "\"");
    }
  }

  /** All that are written to. */
  Set<Path> files() {
    return files;
  }
}
