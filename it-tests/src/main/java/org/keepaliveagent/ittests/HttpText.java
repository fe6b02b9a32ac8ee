package org.keepaliveagent.ittests;

import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The head of a message as it stands on the wire; enough of HTTP/1.1 for our own peers. */
public final class HttpText {
  private final String firstLine;
  private final Map<String, String> headers = new HashMap<>();

  private HttpText(String firstLine) {
    this.firstLine = firstLine;
  }

  /** Reads a head; null where the connection ended before its first byte. */
  public static @Nullable HttpText readHead(InputStream in) throws IOException {
    String first = readLine(in);
    if (first == null) {
      return null;
    }
    HttpText head = new HttpText(first);
    for (String line = readLine(in); line == null || !line.isEmpty(); line = readLine(in)) {
      if (line == null) {
        throw new IOException("the connection ended within a head");
      }
      int colon = line.indexOf(':');
      head.headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).trim());
    }
    return head;
  }

  private static @Nullable String readLine(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        if (line.length() == 0) {
          return null;
        }
        throw new IOException("the connection ended within a line");
      }
      line.append((char) c);
    }
    return line.toString().stripTrailing();
  }

  public String firstLine() {
    return firstLine;
  }

  /** A header's value; empty where there is none. */
  public String header(String lowerCaseName) {
    return headers.getOrDefault(lowerCaseName, "");
  }

  public int contentLength() {
    String length = header("content-length");
    return length.isEmpty() ? 0 : Integer.parseInt(length);
  }

  /** Reads the body that follows this head, whether its length is announced or it is in chunks. */
  public void skipBody(InputStream in) throws IOException {
    if (!header("transfer-encoding").equals("chunked")) {
      in.skipNBytes(contentLength());
      return;
    }
    int size;
    do {
      String line = readLine(in);
      if (line == null) {
        throw new IOException("the connection ended within a body");
      }
      size = Integer.parseInt(line, 16);
      in.skipNBytes(size);
      readLine(in);
    } while (size > 0);
  }
}
