package org.keepaliveagent.proxycore;

/** Which characters may stand where in the head of an HTTP message. */
final class HttpText {
  private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";
  private static final char DELETE = 0x7f;

  private HttpText() {}

  /** Whether a line has no control character but tabs. */
  static boolean isLine(String line) {
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if ((c < ' ' && c != '\t') || c == DELETE) {
        return false;
      }
    }
    return true;
  }

  /** Whether this is a name as RFC 9110 §5.6.2 has it. */
  static boolean isToken(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (!isTokenCharacter(text.charAt(i))) {
        return false;
      }
    }
    return !text.isEmpty();
  }

  /** A number of up to 18 digits and nothing else; -1 when it is none. */
  static long number(String digits) {
    long number = 0;
    for (int i = 0; i < digits.length(); i++) {
      char c = digits.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      number = number * 10 + c - '0';
    }
    return digits.isEmpty() ? -1 : number;
  }

  /** A text for the value of a header: control characters are written as in an address. */
  static String withoutControls(String text) {
    if (isLine(text)) {
      return text;
    }
    StringBuilder safe = new StringBuilder(text.length() + 8);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      safe.append(c < ' ' || c == DELETE ? "%%%02X".formatted((int) c) : String.valueOf(c));
    }
    return safe.toString();
  }

  private static boolean isTokenCharacter(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || TOKEN_MARKS.indexOf(c) >= 0;
  }
}
