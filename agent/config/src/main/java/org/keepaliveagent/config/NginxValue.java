package org.keepaliveagent.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A value of a directive in nginx's notation: a word, a list or a map, or a default of nginx. */
final class NginxValue extends Value {
  private final NginxDirective directive;
  private final int line;
  private final int column;
  private final @Nullable String word;
  private final @Nullable List<Value> items;
  private final @Nullable Map<String, Value> entries;
  private final @Nullable String origin;

  private NginxValue(
      NginxDirective directive,
      int line,
      int column,
      @Nullable String word,
      @Nullable List<Value> items,
      @Nullable Map<String, Value> entries,
      @Nullable String origin) {
    super(directive.document(), path(directive));
    this.directive = directive;
    this.line = line;
    this.column = column;
    this.word = word;
    this.items = items;
    this.entries = entries;
    this.origin = origin;
  }

  private static String path(NginxDirective directive) {
    boolean named = directive.block() != null && !directive.argument().isEmpty();
    return Words.shown(directive.name() + (named ? " " + directive.argument() : ""));
  }

  /** An argument of a directive. */
  static Value word(NginxDirective directive, NginxWord word) {
    return word(directive, word, word.text());
  }

  /** A part of an argument, or what it stands for. */
  static Value word(NginxDirective directive, NginxWord at, String text) {
    return new NginxValue(directive, at.line(), at.column(), text, null, null, null);
  }

  /** The arguments of a directive. */
  static Value list(NginxDirective directive) {
    List<Value> items = new ArrayList<>();
    for (NginxWord argument : directive.arguments()) {
      items.add(word(directive, argument));
    }
    return list(directive, items);
  }

  static Value list(NginxDirective directive, List<Value> items) {
    return new NginxValue(directive, directive.line(), directive.column(), null, items, null, null);
  }

  static Value map(NginxDirective directive, Map<String, Value> entries) {
    return new NginxValue(
        directive, directive.line(), directive.column(), null, null, entries, null);
  }

  /**
   * What holds because nothing was written.
   *
   * @param directive the block in which it could have been written
   */
  static Value standard(NginxDirective directive, Compat compat, String... words) {
    String origin = "default of nginx " + compat.word();
    int line = directive.line();
    int column = directive.column();
    if (words.length == 1) {
      return new NginxValue(directive, line, column, words[0], null, null, origin);
    }
    List<Value> items = new ArrayList<>();
    for (String word : words) {
      items.add(new NginxValue(directive, line, column, word, null, null, origin));
    }
    return new NginxValue(directive, line, column, null, items, null, origin);
  }

  /** As {@link #standard}: a header that is not sent. */
  static Value standardHeader(NginxDirective directive, Compat compat, String name) {
    Map<String, Value> entries = new LinkedHashMap<>();
    entries.put(name, standard(directive, compat, ""));
    return new NginxValue(
        directive,
        directive.line(),
        directive.column(),
        null,
        null,
        entries,
        "default of nginx " + compat.word());
  }

  @Override
  boolean absent() {
    return false;
  }

  @Override
  @Nullable String scalar() {
    return word;
  }

  @Override
  @Nullable List<Value> sequence() {
    return items == null ? null : Collections.unmodifiableList(items);
  }

  @Override
  @Nullable Map<String, Value> mapping() {
    return entries == null ? null : Collections.unmodifiableMap(entries);
  }

  @Override
  boolean unitlessIsSeconds() {
    return true;
  }

  @Override
  String expanded(String text) throws Refusal {
    return Variables.expand(text, document, true);
  }

  @Override
  int line() {
    return line;
  }

  @Override
  int column() {
    return column;
  }

  @Override
  int keyLine() {
    return directive.line();
  }

  @Override
  int keyColumn() {
    return directive.column();
  }

  @Override
  String origin() {
    return origin == null ? super.origin() : origin;
  }

  @Override
  boolean written() {
    return origin == null;
  }
}
