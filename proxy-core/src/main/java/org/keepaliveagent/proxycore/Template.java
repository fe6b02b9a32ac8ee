package org.keepaliveagent.proxycore;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A text of the configuration with variables in it; its bytes are the characters up to 255. */
final class Template {
  private static final Pattern VARIABLE = Pattern.compile("\\$(?:\\{(\\w+)}|(\\w+))");

  /** What becomes of a variable's value, or of its having none (null), in the text. */
  interface Form {
    String of(@Nullable String value);
  }

  private interface Part {
    String of(ClientRequest request);
  }

  private final List<Part> parts;
  private final @Nullable String constant;

  private Template(List<Part> parts, @Nullable String constant) {
    this.parts = parts;
    this.constant = constant;
  }

  /**
   * Reads it.
   *
   * @param directive whose argument it is
   * @throws ConfigException for a variable that there is not
   */
  static Template read(Directive directive, String text) throws ConfigException {
    return read(directive, text, Template::orEmpty);
  }

  /** The same with another form of the values. */
  static Template read(Directive directive, String text, Form form) throws ConfigException {
    List<Part> parts = new ArrayList<>();
    Matcher variable = VARIABLE.matcher(text);
    int end = 0;
    while (variable.find()) {
      addText(directive, parts, text.substring(end, variable.start()));
      String name = variable.group(variable.group(1) == null ? 2 : 1);
      Variable value = Variables.find(name);
      if (value == null) {
        throw directive.error("unknown \"" + name + "\" variable");
      }
      parts.add(request -> form.of(value.of(request)));
      end = variable.end();
    }
    boolean constant = end == 0;
    addText(directive, parts, text.substring(end));
    return new Template(List.copyOf(parts), constant ? bytes(text) : null);
  }

  /** A variable alone. */
  static Template of(Variable variable) {
    return new Template(List.of(request -> orEmpty(variable.of(request))), null);
  }

  private static String orEmpty(@Nullable String value) {
    return value == null ? "" : value;
  }

  private static void addText(Directive directive, List<Part> parts, String text)
      throws ConfigException {
    if (text.indexOf('$') >= 0) {
      throw directive.error("invalid variable name");
    }
    if (!text.isEmpty()) {
      String bytes = bytes(text);
      parts.add(request -> bytes);
    }
  }

  private static String bytes(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  /** Its text when it has no variables, else null. */
  @Nullable String constant() {
    return constant;
  }

  String text(ClientRequest request) {
    if (constant != null) {
      return constant;
    }
    if (parts.size() == 1) {
      return parts.get(0).of(request);
    }
    StringBuilder text = new StringBuilder();
    for (Part part : parts) {
      text.append(part.of(request));
    }
    return text.toString();
  }
}
