package org.keepaliveagent.config;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The text of a file in nginx's notation to a tree of directives, as {@code ngx_conf_parse} and
 * {@code ngx_conf_read_token} read it: words end at white space, <code>;</code>, <code>{</code> and
 * <code>}</code>; quotes of both kinds; a backslash escapes quotes, itself, t, r and n, and stays
 * before anything else; <code>#</code> starts a comment where a word could start; the braces of
 * <code>${name}</code> belong to the word. What stands in a Lua block is skipped.
 */
final class NginxParser {
  static final int MAX_DEPTH = 32;

  private static final String LUA_BLOCK = "_by_lua_block";

  private final Document document;
  private final String text;
  private final @Nullable Include include;
  private int at;
  private int line = 1;
  private int column = 1;

  /** Reads the files that an {@code include} names. */
  interface Include {
    /** Adds the directives of those files, in order; what is wrong with them is reported. */
    void read(NginxDirective include, List<NginxDirective> into) throws Broken;
  }

  /** A file whose structure cannot be followed; it has been reported. */
  static final class Broken extends Exception {
    private static final long serialVersionUID = 1;

    Broken() {
      super(null, null, false, false);
    }
  }

  /** What a word ended with. */
  private enum End {
    SPACE,
    SEMICOLON,
    OPEN,
    CLOSE,
    FILE
  }

  private End end = End.SPACE;

  private NginxParser(Document document, @Nullable Include include) {
    this.document = document;
    this.text = document.text();
    this.include = include;
  }

  /**
   * Reads a file.
   *
   * @param include null to keep {@code include} directives as they are
   */
  static List<NginxDirective> parse(Document document, @Nullable Include include) throws Broken {
    return new NginxParser(document, include).block(0);
  }

  private List<NginxDirective> block(int depth) throws Broken {
    List<NginxDirective> directives = new ArrayList<>();
    while (true) {
      NginxWord name = word();
      if (name == null) {
        if (end == End.SEMICOLON || end == End.OPEN) {
          throw broken("unexpected " + (end == End.OPEN ? "{" : ";"));
        }
        if (end == End.CLOSE ? depth == 0 : depth > 0) {
          throw broken(
              end == End.CLOSE ? "unexpected }" : "unexpected end of file, expecting ; or }");
        }
        return directives;
      }
      directive(name, depth, directives);
    }
  }

  private void directive(NginxWord name, int depth, List<NginxDirective> directives) throws Broken {
    List<NginxWord> arguments = new ArrayList<>();
    while (end == End.SPACE) {
      NginxWord argument = word();
      if (argument != null) {
        arguments.add(argument);
      }
    }
    if (end == End.CLOSE) {
      throw broken("unexpected }");
    }
    if (end == End.FILE) {
      throw broken("directive \"" + Words.shown(name.text()) + "\" is not terminated by ;");
    }
    List<NginxDirective> block = null;
    if (end == End.OPEN && name.text().endsWith(LUA_BLOCK)) {
      skipBraces();
    } else if (end == End.OPEN) {
      if (depth == MAX_DEPTH) {
        throw broken("nested deeper than " + MAX_DEPTH + " levels");
      }
      block = block(depth + 1);
    }
    NginxDirective directive = new NginxDirective(document, name, arguments, block);
    if (include != null && block == null && directive.name().equals("include")) {
      include.read(directive, directives);
    } else {
      directives.add(directive);
    }
  }

  /** The next word; null where something else comes first. {@link #end} says what follows. */
  private @Nullable NginxWord word() throws Broken {
    skipSpace();
    if (at == text.length()) {
      end = End.FILE;
      return null;
    }
    End mark = mark(text.charAt(at));
    if (mark != null) {
      next();
      end = mark;
      return null;
    }
    int startLine = line;
    int startColumn = column;
    char first = text.charAt(at);
    String word = first == '"' || first == '\'' ? quoted(first) : plain();
    return new NginxWord(word, startLine, startColumn);
  }

  private static @Nullable End mark(char c) {
    return c == ';' ? End.SEMICOLON : c == '{' ? End.OPEN : c == '}' ? End.CLOSE : null;
  }

  private String quoted(char quote) throws Broken {
    next();
    StringBuilder word = new StringBuilder();
    while (at < text.length() && text.charAt(at) != quote) {
      take(word);
    }
    if (at == text.length()) {
      throw broken("unexpected end of file, expecting " + quote);
    }
    next();
    if (at == text.length()) {
      end = End.FILE;
      return word.toString();
    }
    char after = text.charAt(at);
    End mark = mark(after);
    if (isSpace(after) || after == ')') {
      end = End.SPACE;
    } else if (mark != null && mark != End.CLOSE) {
      next();
      end = mark;
    } else {
      throw broken("unexpected \"" + Words.shown(String.valueOf(after)) + "\" after a quote");
    }
    return word.toString();
  }

  private String plain() {
    StringBuilder word = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at);
      if (isSpace(c)) {
        end = End.SPACE;
        return word.toString();
      }
      if (c == ';' || c == '{') {
        next();
        end = c == ';' ? End.SEMICOLON : End.OPEN;
        return word.toString();
      }
      if (c == '$' && text.startsWith("${", at)) {
        word.append(c);
        next();
      }
      take(word);
    }
    end = End.FILE;
    return word.toString();
  }

  /** One character, or what an escape stands for. */
  private void take(StringBuilder word) {
    char c = text.charAt(at);
    next();
    if (c != '\\' || at == text.length()) {
      word.append(c);
      return;
    }
    char escaped = text.charAt(at);
    next();
    switch (escaped) {
      case '"':
      case '\'':
      case '\\':
        word.append(escaped);
        break;
      case 't':
        word.append('\t');
        break;
      case 'r':
        word.append('\r');
        break;
      case 'n':
        word.append('\n');
        break;
      default:
        word.append(c).append(escaped);
    }
  }

  private void skipSpace() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '#') {
        while (at < text.length() && text.charAt(at) != '\n') {
          next();
        }
      } else if (!isSpace(c)) {
        return;
      } else {
        next();
      }
    }
  }

  /** To the end of a Lua block; braces in its strings do not count. */
  private void skipBraces() throws Broken {
    char quote = 0;
    for (int depth = 1; depth > 0; next()) {
      if (at == text.length()) {
        throw broken("unexpected end of file, expecting }");
      }
      char c = text.charAt(at);
      if (quote != 0) {
        if (c == '\\' && at + 1 < text.length()) {
          next();
        }
        quote = c == quote || c == '\n' ? 0 : quote;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else {
        depth += c == '{' ? 1 : c == '}' ? -1 : 0;
      }
    }
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
  }

  private void next() {
    char c = text.charAt(at++);
    if (c == '\n') {
      line++;
      column = 1;
    } else if (!Character.isLowSurrogate(c)) {
      column++;
    }
  }

  private Broken broken(String what) {
    String said = ProblemKind.NOT_NGINX.text(what);
    document.report(line, Math.max(1, column - 1), "", ProblemKind.NOT_NGINX, said);
    return new Broken();
  }
}
