package org.keepaliveagent.config;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/**
 * The text of a policy file, for showing places of it. Immutable.
 *
 * <p>Lines end as in YAML: LF, CR LF or CR. Columns are code points.
 */
final class SourceText {
  /** The part of a long line that is shown on each side of the caret. */
  private static final int SHOWN = 60;

  private static final String INDENT = "  ";

  private final String text;
  private final List<Integer> lineStarts = new ArrayList<>();

  private SourceText(String text) {
    this.text = text;
    lineStarts.add(0);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n' || (c == '\r' && !text.startsWith("\n", i + 1))) {
        lineStarts.add(i + 1);
      }
    }
  }

  /**
   * Decodes a file: strict UTF-8, a byte order mark is dropped, and only what YAML allows.
   *
   * @return null when that fails; {@code problems} then says where
   */
  static @Nullable SourceText decode(byte[] bytes, String file, Problems problems) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(in, out, true);
    ((Buffer) out).flip(); // CharBuffer.flip() does not exist before Java 9
    String decoded = out.toString();
    SourceText source =
        new SourceText(decoded.startsWith("\uFEFF") ? decoded.substring(1) : decoded);
    int unprintable = source.unprintable();
    if (unprintable >= 0) {
      String character = String.format(Locale.ROOT, "U+%04X", source.text.codePointAt(unprintable));
      source.complain(file, problems, unprintable, ProblemKind.CONTROL_CHARACTER, character);
      return null;
    }
    if (result.isError()) {
      String found = String.format(Locale.ROOT, "0x%02X", bytes[in.position()]);
      source.complain(file, problems, source.text.length(), ProblemKind.NOT_UTF8, found);
      return null;
    }
    return source;
  }

  private int unprintable() {
    int at = 0;
    while (at < text.length()) {
      int c = text.codePointAt(at);
      if (!StreamReader.isPrintable(c)) {
        return at;
      }
      at += Character.charCount(c);
    }
    return -1;
  }

  private void complain(
      String file, Problems problems, int offset, ProblemKind kind, String detail) {
    int line = lineStarts.size();
    while (lineStarts.get(line - 1) > offset) {
      line--;
    }
    int column = 1 + text.codePointCount(lineStarts.get(line - 1), offset);
    problems.add(
        new Problem(kind, file, line, column, "", kind.text(detail), excerpt(line, column)));
  }

  String text() {
    return text;
  }

  /**
   * The line, cut around the column if it is long, and a caret in the line below.
   *
   * @param line from 1
   * @param column from 1
   */
  String excerpt(int line, int column) {
    int start = lineStarts.get(Math.min(line, lineStarts.size()) - 1);
    int end = start;
    int caret = start;
    for (int left = column - 1; end < text.length() && !lineBreak(end); left--) {
      if (left == -SHOWN) {
        break;
      }
      end += Character.charCount(text.codePointAt(end));
      if (left > 0) {
        caret = end;
      }
    }
    int from = start;
    if (text.codePointCount(start, caret) > SHOWN) {
      from = text.offsetByCodePoints(caret, -SHOWN);
    }
    StringBuilder excerpt = new StringBuilder(INDENT).append(from > start ? "…" : "");
    excerpt.append(printable(text.substring(from, end)));
    excerpt.append(end < text.length() && !lineBreak(end) ? "…" : "").append('\n');
    excerpt.append(INDENT).append(from > start ? " " : "");
    for (int i = from; i < caret; i += Character.charCount(text.codePointAt(i))) {
      excerpt.append(text.charAt(i) == '\t' ? '\t' : ' ');
    }
    return excerpt.append('^').toString();
  }

  private boolean lineBreak(int at) {
    return text.charAt(at) == '\n' || text.charAt(at) == '\r';
  }

  private static String printable(String line) {
    StringBuilder shown = new StringBuilder(line.length());
    line.codePoints()
        .forEach(c -> shown.appendCodePoint(StreamReader.isPrintable(c) ? c : '\uFFFD'));
    return shown.toString();
  }
}
