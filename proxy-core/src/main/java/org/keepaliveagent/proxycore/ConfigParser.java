package org.keepaliveagent.proxycore;

import java.util.ArrayList;
import java.util.List;
import org.keepaliveagent.proxycore.ConfigTokenizer.Token;

/** Reads the text of an nginx.conf into a tree of {@link Directive}s; knows syntax, no names. */
final class ConfigParser {
  private final String file;
  private final ConfigTokenizer tokens;

  private ConfigParser(String file, String text) {
    this.file = file;
    this.tokens = new ConfigTokenizer(file, text);
  }

  /** The whole file as one nameless directive with a block. */
  static Directive parse(String file, String text) throws ConfigException {
    return new Directive("", List.of(), new ConfigParser(file, text).block(false), file, 1);
  }

  private List<Directive> block(boolean nested) throws ConfigException {
    List<Directive> directives = new ArrayList<>();
    while (true) {
      Token first = tokens.next();
      switch (first.kind()) {
        case WORD -> directives.add(directive(first));
        case CLOSE -> {
          if (!nested) {
            throw unexpected(first);
          }
          return directives;
        }
        case END -> {
          if (nested) {
            throw error("unexpected end of file, expecting \"}\"", first);
          }
          return directives;
        }
        case SEMICOLON, OPEN -> throw unexpected(first);
      }
    }
  }

  private Directive directive(Token name) throws ConfigException {
    List<String> args = new ArrayList<>();
    for (Token token = tokens.next(); ; token = tokens.next()) {
      switch (token.kind()) {
        case WORD -> args.add(token.text());
        case SEMICOLON -> {
          return new Directive(name.text(), List.copyOf(args), null, file, name.line());
        }
        case OPEN -> {
          return new Directive(name.text(), List.copyOf(args), block(true), file, name.line());
        }
        case CLOSE ->
            throw error("directive \"" + name.text() + "\" is not terminated by \";\"", token);
        case END -> throw error("unexpected end of file, expecting \";\" or \"}\"", token);
      }
    }
  }

  private ConfigException unexpected(Token token) {
    return error("unexpected \"" + token.text() + "\"", token);
  }

  private ConfigException error(String what, Token at) {
    return new ConfigException(what, file, at.line());
  }
}
