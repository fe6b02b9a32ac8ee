package org.keepaliveagent.proxycore;

import java.util.ArrayList;
import java.util.List;

/**
 * What one code of an {@code error_page} directive leads to.
 *
 * @param response the status of the answer: {@link #SAME}, 0 for that of the target, or a code
 * @param target a path, a named location, or an address for a redirection
 */
record ErrorPageRule(int status, int response, Template target) {
  static final int SAME = -1;

  static List<ErrorPageRule> read(List<Directive> directives) throws ConfigException {
    List<ErrorPageRule> rules = new ArrayList<>();
    for (Directive directive : directives) {
      List<String> args = directive.args();
      int end = args.size() - 1;
      Template target = Template.read(directive, args.get(end));
      int response = SAME;
      if (args.get(end - 1).startsWith("=")) {
        end--;
        response = response(directive, args.get(end), end);
      }
      for (String code : args.subList(0, end)) {
        rules.add(new ErrorPageRule(status(directive, code), response, target));
      }
    }
    return List.copyOf(rules);
  }

  private static int response(Directive directive, String value, int codes) throws ConfigException {
    int response = value.equals("=") ? 0 : ConfigValues.parseCount(value.substring(1));
    if (codes == 0 || response < 0) {
      throw directive.error("invalid value \"" + value + "\"");
    }
    return response;
  }

  private static int status(Directive directive, String value) throws ConfigException {
    int status = ConfigValues.parseCount(value);
    if (status < 0 || status == 499) {
      throw directive.error("invalid value \"" + value + "\"");
    }
    if (status < 300 || status > 599) {
      throw directive.error("value \"" + value + "\" must be between 300 and 599");
    }
    return status;
  }
}
