package org.keepaliveagent.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.policy.Mode;

/** Words in messages: quoted, listed, and the one that was probably meant. */
final class Words {
  private static final int SHOWN = 60;
  private static final int NEAR = 3;

  static final List<String> MODES = modes();

  private Words() {}

  private static List<String> modes() {
    List<String> words = new ArrayList<>();
    for (Mode mode : Mode.values()) {
      words.add(mode.word());
    }
    return words;
  }

  /** A value in quotes, on one line, safe to log, cut if it is long. */
  static String quote(String value) {
    return '"' + shown(value) + '"';
  }

  /** As {@link #quote}, without the quotes. */
  static String shown(String value) {
    StringBuilder text = new StringBuilder();
    int shown = 0;
    int at = 0;
    while (at < value.length() && shown < SHOWN) {
      int c = value.codePointAt(at);
      if (c == '\n') {
        text.append("\\n");
      } else if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
        text.append(String.format(Locale.ROOT, "\\u%04x", c));
      } else {
        text.appendCodePoint(c);
      }
      at += Character.charCount(c);
      shown++;
    }
    return at < value.length() ? text.append('…').toString() : text.toString();
  }

  /** Whether a text can be shown as it is: short, on one line, and of characters only. */
  static boolean isPrintable(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))
          && text.codePointAt(i) < 0x10000
          && (i == 0 || !Character.isSurrogatePair(text.charAt(i - 1), text.charAt(i)))) {
        return false;
      }
    }
    return shown(text).equals(text);
  }

  /** Whether a header can have this value (RFC 9110, 5.5), nothing outside ASCII. */
  static boolean isFieldValue(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '\t' && (c < ' ' || c > '~')) {
        return false;
      }
    }
    return text.trim().equals(text);
  }

  /** {@code a, b or c}. */
  static String either(List<String> words) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < words.size(); i++) {
      if (i > 0) {
        text.append(i == words.size() - 1 ? " or " : ", ");
      }
      text.append(words.get(i));
    }
    return text.toString();
  }

  /** The end of a sentence: {@code ; did you mean keepalive?} or a full stop. */
  static String hint(String word, Collection<String> known) {
    String nearest = nearest(word, known);
    return nearest == null ? "." : "; did you mean " + nearest + "?";
  }

  /** As {@link #hint}; where nothing is near, it says what can be written. */
  static String hintOrList(String word, Collection<String> known, List<String> listed) {
    return nearest(word, known) == null ? "; write " + either(listed) + "." : hint(word, known);
  }

  /**
   * The known word with the fewest differences: at most three, and fewer than the word has letters.
   */
  static @Nullable String nearest(String word, Collection<String> known) {
    String lower = word.toLowerCase(Locale.ROOT);
    String nearest = null;
    int least = Math.min(NEAR + 1, word.length());
    for (String candidate : known) {
      if (Math.abs(candidate.length() - lower.length()) < least) {
        int distance = distance(lower, candidate.toLowerCase(Locale.ROOT));
        if (distance < least) {
          least = distance;
          nearest = candidate;
        }
      }
    }
    return nearest;
  }

  /** Levenshtein's. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(changed, 1 + Math.min(row[j - 1], row[j]));
      }
    }
    return row[b.length()];
  }
}
