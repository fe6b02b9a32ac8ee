package org.keepaliveagent.proxycore;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a configuration needs to have counted of each request; where it has no log, and no variable
 * that tells of more than the request itself, that is nothing.
 *
 * @param on whether each request has an {@link Account}
 * @param bodies whether that has the request's body
 */
record Accounting(boolean on, boolean bodies) {
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{?(\\w+)");

  /** Those of a whole configuration. */
  static Accounting of(Directive root) {
    return new Accounting(needsAccount(root), mentions(root, "request_body"));
  }

  private static boolean needsAccount(Directive directive) {
    if (directive.name().equals("log_format")) {
      return false; // What matters is whether it is used.
    }
    if (directive.name().equals("access_log")) {
      return !directive.arg(0).equals("off");
    }
    // A response's header may have a variable of the request's, whose headers have changed by then.
    boolean late = directive.name().equals("add_header");
    for (String argument : directive.args()) {
      Matcher variable = VARIABLE.matcher(argument);
      while (variable.find()) {
        if (late || AccountVariables.find(variable.group(1)) != null) {
          return true;
        }
      }
    }
    return directive.children().stream().anyMatch(Accounting::needsAccount);
  }

  private static boolean mentions(Directive directive, String name) {
    for (String argument : directive.args()) {
      Matcher variable = VARIABLE.matcher(argument);
      while (variable.find()) {
        if (variable.group(1).equals(name)) {
          return true;
        }
      }
    }
    return directive.children().stream().anyMatch(child -> mentions(child, name));
  }
}
