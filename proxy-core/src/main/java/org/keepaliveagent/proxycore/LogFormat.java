package org.keepaliveagent.proxycore;

/**
 * How lines of a log look: {@code log_format}.
 *
 * @param directive where it is said, or used when it is built in
 */
record LogFormat(Directive directive, Template template) {
  private static final String ESCAPE = "escape=";
  private static final String COMBINED =
      "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent"
          + " \"$http_referer\" \"$http_user_agent\"";

  static LogFormat read(Directive directive) throws ConfigException {
    int first = 1;
    LogEscape escape = LogEscape.DEFAULT;
    if (directive.arg(1).startsWith(ESCAPE)) {
      escape = LogEscape.read(directive, directive.arg(1).substring(ESCAPE.length()));
      first = 2;
    }
    String text = String.join("", directive.args().subList(first, directive.args().size()));
    return new LogFormat(directive, Template.read(directive, text, escape));
  }

  /** The one that is built in. */
  static LogFormat combined(Directive use) throws ConfigException {
    return new LogFormat(use, Template.read(use, COMBINED, LogEscape.DEFAULT));
  }

  /** Whether it is known where another directive stands, as nginx reads from the top. */
  boolean precedes(Directive use) {
    return !directive.file().equals(use.file()) || directive.line() <= use.line();
  }
}
