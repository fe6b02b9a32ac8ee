package org.keepaliveagent.config;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A value of a policy with its place: a word, a list or a map, in whichever notation it was
 * written. Complaints about it go here.
 */
abstract class Value {
  final Document document;
  final String path;

  Value(Document document, String path) {
    this.document = document;
    this.path = path;
  }

  /** Whether nothing at all stands here, as after {@code upstreams:}. */
  abstract boolean absent();

  /** The word that stands here; null where something else does. */
  abstract @Nullable String scalar();

  /** The items of the list that stands here; null where something else does. */
  abstract @Nullable List<Value> sequence();

  /** The entries of the map that stands here; null where something else does. */
  abstract @Nullable Map<String, Value> mapping();

  /** Refuses what the notation allows and a policy does not. */
  void check() throws Refusal {}

  /** Whether a number without a unit is a time in seconds, as in nginx. */
  boolean unitlessIsSeconds() {
    return false;
  }

  /** The word with its environment variables replaced. */
  abstract String expanded(String word) throws Refusal;

  abstract int line();

  abstract int column();

  /** Where the key before this value stands. */
  abstract int keyLine();

  abstract int keyColumn();

  /** Where the value comes from, for people: a place, or whose default it is. */
  String origin() {
    return document.file() + ":" + line() + ":" + column();
  }

  /** Whether somebody wrote it: a default of nginx is not written. */
  boolean written() {
    return true;
  }

  /** The word that stands here; quotes make no difference. */
  final String word(String allowed) throws Refusal {
    check();
    if (absent()) {
      throw new Refusal(ProblemKind.NO_VALUE, allowed);
    }
    String word = scalar();
    if (word == null) {
      throw wrongShape(allowed);
    }
    return expanded(word);
  }

  /** The items of a list; a single value is a list of one. */
  final List<Value> items(String allowed) throws Refusal {
    List<Value> items = sequence();
    if (items == null) {
      return Collections.singletonList(this);
    }
    check();
    if (items.isEmpty()) {
      throw new Refusal(ProblemKind.EMPTY_LIST, allowed);
    }
    return items;
  }

  /** The items of what must be a list. */
  final List<Value> list(String allowed) throws Refusal {
    check();
    List<Value> items = sequence();
    if (items == null) {
      throw wrongShape(allowed);
    }
    return items;
  }

  /**
   * The entries of what must be a map. A key that is not a word, or is stated twice, is reported
   * and left out.
   */
  final Map<String, Value> entries(String allowed) throws Refusal {
    check();
    Map<String, Value> entries = mapping();
    if (entries == null) {
      throw wrongShape(allowed);
    }
    return entries;
  }

  private Refusal wrongShape(String allowed) {
    return absent()
        ? new Refusal(ProblemKind.NO_VALUE, allowed)
        : new Refusal(ProblemKind.WRONG_SHAPE, shape(), allowed);
  }

  final String shape() {
    String word = scalar();
    if (word != null) {
      return Words.quote(word);
    }
    return sequence() != null ? "a list" : "a map";
  }

  /** Reports a refusal at this value. */
  final void complain(Refusal refusal) {
    document.report(line(), column(), path, refusal.kind(), refusal.phrase());
  }

  final void complain(ProblemKind kind, Object... details) {
    document.report(line(), column(), path, kind, kind.text(details));
  }

  /** Reports at the key before this value. */
  final void complainOfKey(ProblemKind kind, Object... details) {
    document.report(keyLine(), keyColumn(), path, kind, kind.text(details));
  }
}
