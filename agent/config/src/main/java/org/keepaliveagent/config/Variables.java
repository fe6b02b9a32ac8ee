package org.keepaliveagent.config;

import org.jspecify.annotations.Nullable;

/**
 * Environment variables in values: <code>${NAME}</code> and <code>${NAME:-default}</code>; the
 * default holds where the variable is unset or empty, as in a shell. <code>$${</code> stands for
 * <code>${</code>.
 */
final class Variables {
  private static final String START = "${";
  private static final String DEFAULT = ":-";

  private Variables() {}

  /**
   * Replaces the variables of a word.
   *
   * @param lenient leaves what is no variable of the environment as it is: in nginx's notation
   *     <code>${name}</code> is a variable of nginx, and only <code>${NAME:-default}</code> ours
   */
  static String expand(String word, Document document, boolean lenient) throws Refusal {
    int start = word.indexOf(START);
    if (start < 0) {
      return word;
    }
    StringBuilder text = new StringBuilder();
    int at = 0;
    while (start >= 0) {
      if (start > at && word.charAt(start - 1) == '$' && !lenient) {
        text.append(word, at, start - 1).append(START);
        at = start + START.length();
        start = word.indexOf(START, at);
        continue;
      }
      text.append(word, at, start);
      int end = word.indexOf('}', start);
      String inside = end < 0 ? "" : word.substring(start + START.length(), end);
      int colon = inside.indexOf(DEFAULT);
      String name = colon < 0 ? inside : inside.substring(0, colon);
      if (lenient && (colon < 0 || !isName(name))) {
        end = start + START.length() - 1;
        text.append(START);
      } else if (!isName(name)) {
        throw new Refusal(ProblemKind.BAD_VARIABLE, Words.quote(word));
      } else {
        text.append(value(name, colon < 0 ? null : inside.substring(colon + 2), document));
      }
      at = end + 1;
      start = word.indexOf(START, at);
    }
    return text.append(word, at, word.length()).toString();
  }

  private static String value(String name, @Nullable String otherwise, Document document)
      throws Refusal {
    String value = document.variable(name);
    if (value != null && !(value.isEmpty() && otherwise != null)) {
      return value;
    }
    if (otherwise == null) {
      throw new Refusal(ProblemKind.NO_VARIABLE, name, name);
    }
    return otherwise;
  }

  private static boolean isName(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
      if (!letter && (i == 0 || c < '0' || c > '9')) {
        return false;
      }
    }
    return !text.isEmpty();
  }
}
