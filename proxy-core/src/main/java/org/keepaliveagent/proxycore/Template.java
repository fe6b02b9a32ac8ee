package org.keepaliveagent.proxycore;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A text of the configuration with variables in it. */
final class Template {
  private static final Pattern VARIABLE = Pattern.compile("\\$(?:\\{(\\w+)}|(\\w+))");

  private final List<Function<ClientRequest, String>> parts;

  private Template(List<Function<ClientRequest, String>> parts) {
    this.parts = parts;
  }

  /**
   * Reads it.
   *
   * @param directive whose argument it is
   * @throws ConfigException for a variable that there is not
   */
  static Template read(Directive directive, String text) throws ConfigException {
    List<Function<ClientRequest, String>> parts = new ArrayList<>();
    Matcher variable = VARIABLE.matcher(text);
    int end = 0;
    while (variable.find()) {
      addText(directive, parts, text.substring(end, variable.start()));
      String name = variable.group(variable.group(1) == null ? 2 : 1);
      Function<ClientRequest, String> value = Variables.find(name);
      if (value == null) {
        throw directive.error("unknown \"" + name + "\" variable");
      }
      parts.add(value);
      end = variable.end();
    }
    addText(directive, parts, text.substring(end));
    return new Template(List.copyOf(parts));
  }

  private static void addText(
      Directive directive, List<Function<ClientRequest, String>> parts, String text)
      throws ConfigException {
    if (text.indexOf('$') >= 0) {
      throw directive.error("invalid variable name");
    }
    if (!text.isEmpty()) {
      parts.add(request -> text);
    }
  }

  String text(ClientRequest request) {
    StringBuilder text = new StringBuilder();
    for (Function<ClientRequest, String> part : parts) {
      text.append(part.apply(request));
    }
    return text.toString();
  }
}
