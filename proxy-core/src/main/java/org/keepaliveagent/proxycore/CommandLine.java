package org.keepaliveagent.proxycore;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The options of nginx's command line, and two of our own: {@code --stdin-control} and {@code
 * --bare-lf}.
 *
 * @param prefix what relative paths are relative to; the working directory without {@code -p}
 * @param file the configuration, {@code conf/nginx.conf} without {@code -c}
 * @param errorLog where errors are told besides standard error, null for nowhere else
 * @param globals directives that stand before the first line of the configuration
 * @param bareLf see {@link ProxyConfig}
 */
record CommandLine(
    Action action,
    Path prefix,
    Path file,
    @Nullable Path errorLog,
    String globals,
    boolean stdinControl,
    boolean bareLf) {
  enum Action {
    RUN,
    TEST,
    VERSION
  }

  /**
   * Reads it.
   *
   * @throws ConfigException for what is no option, in nginx's words
   */
  static CommandLine parse(List<String> args) throws ConfigException {
    Deque<String> left = new ArrayDeque<>(args);
    Action action = Action.RUN;
    String prefix = "";
    String file = "conf/nginx.conf";
    String errorLog = "stderr";
    String globals = "";
    boolean stdinControl = false;
    boolean bareLf = false;
    while (!left.isEmpty()) {
      String option = left.remove();
      switch (option) {
        case "-t" -> action = Action.TEST;
        case "-V" -> action = Action.VERSION;
        case "-p" -> prefix = value(left, option, "directory name");
        case "-c" -> file = value(left, option, "file name");
        case "-e" -> errorLog = value(left, option, "file name");
        case "-g" -> globals = value(left, option, "parameter");
        case "--stdin-control" -> stdinControl = true;
        case "--bare-lf" -> bareLf = true;
        default -> throw new ConfigException("invalid option: \"" + option + "\"");
      }
    }
    Path base = Path.of(prefix).toAbsolutePath();
    return new CommandLine(
        action,
        base,
        base.resolve(file),
        errorLog.equals("stderr") ? null : base.resolve(errorLog),
        globals,
        stdinControl,
        bareLf);
  }

  private static String value(Deque<String> left, String option, String what)
      throws ConfigException {
    String value = left.poll();
    if (value == null || value.isEmpty()) {
      throw new ConfigException("option \"" + option + "\" requires " + what);
    }
    return value;
  }

  /**
   * Reads the configuration that it names.
   *
   * @throws ConfigException when that cannot be used
   */
  ProxyConfig read() throws ConfigException {
    ProxyConfig config = ProxyConfig.read(prefix, file, globals);
    return bareLf ? config.allowingBareLf() : config;
  }
}
