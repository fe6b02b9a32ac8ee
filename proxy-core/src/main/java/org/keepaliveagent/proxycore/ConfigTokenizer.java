package org.keepaliveagent.proxycore;

/**
 * Cuts the text of an nginx.conf into words and punctuation, as {@code ngx_conf_read_token} does: a
 * word ends at white space, {@code ;} or <code>{</code>, quotes are read only at its start, and a
 * {@code #} inside a word is no comment.
 */
final class ConfigTokenizer {
  enum Kind {
    WORD,
    SEMICOLON,
    OPEN,
    CLOSE,
    END
  }

  /** A word or a punctuation mark, and the line it starts in. */
  record Token(Kind kind, String text, int line) {}

  private final String file;
  private final String text;
  private int at;
  private int line = 1;

  ConfigTokenizer(String file, String text) {
    this.file = file;
    this.text = text;
  }

  Token next() throws ConfigException {
    skipSpaceAndComments();
    if (at == text.length()) {
      return new Token(Kind.END, "", line);
    }
    char first = text.charAt(at);
    return switch (first) {
      case ';' -> mark(Kind.SEMICOLON);
      case '{' -> mark(Kind.OPEN);
      case '}' -> mark(Kind.CLOSE);
      case '"', '\'' -> quoted(first);
      default -> word();
    };
  }

  private void skipSpaceAndComments() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '#') {
        while (at < text.length() && text.charAt(at) != '\n') {
          at++;
        }
      } else if (isSpace(c)) {
        advance();
      } else {
        return;
      }
    }
  }

  private Token mark(Kind kind) {
    return new Token(kind, String.valueOf(text.charAt(at++)), line);
  }

  private Token word() {
    int start = line;
    StringBuilder word = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at);
      // "${name}" is a variable, its brace opens no block.
      boolean variable = c == '{' && at > 0 && text.charAt(at - 1) == '$';
      if (isSpace(c) || c == ';' || (c == '{' && !variable)) {
        break;
      }
      take(word);
    }
    return new Token(Kind.WORD, word.toString(), start);
  }

  private Token quoted(char quote) throws ConfigException {
    int start = line;
    at++;
    StringBuilder word = new StringBuilder();
    while (at < text.length() && text.charAt(at) != quote) {
      take(word);
    }
    if (at == text.length()) {
      throw new ConfigException("unexpected end of file, expecting " + quote, file, start);
    }
    at++;
    if (at < text.length() && !isSpace(text.charAt(at)) && ";{)".indexOf(text.charAt(at)) < 0) {
      throw new ConfigException("unexpected \"" + text.charAt(at) + "\"", file, line);
    }
    return new Token(Kind.WORD, word.toString(), start);
  }

  /** Takes one character, or an escape of two. */
  private void take(StringBuilder word) {
    char c = advance();
    if (c != '\\' || at == text.length()) {
      word.append(c);
      return;
    }
    char escaped = advance();
    switch (escaped) {
      case '"', '\'', '\\' -> word.append(escaped);
      case 't' -> word.append('\t');
      case 'r' -> word.append('\r');
      case 'n' -> word.append('\n');
      default -> word.append(c).append(escaped);
    }
  }

  private char advance() {
    char c = text.charAt(at++);
    if (c == '\n') {
      line++;
    }
    return c;
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
  }
}
