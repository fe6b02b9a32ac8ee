package org.keepaliveagent.conformance;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the reference client reads: first its head, then its body. */
final class Response {
  private final String statusLine;
  private final Map<String, String> headers;

  /** Reads the head. */
  Response(InputStream in) throws IOException {
    statusLine = readLine(in);
    headers = readHeaders(in);
  }

  int status() {
    return Integer.parseInt(statusLine.substring(9, 12));
  }

  boolean isHttp10() {
    return statusLine.startsWith("HTTP/1.0");
  }

  @Nullable String header(String name) {
    return headers.get(name);
  }

  private boolean isChunked() {
    return "chunked".equalsIgnoreCase(header("Transfer-Encoding"));
  }

  /** Whether by itself it leaves its connection fit for another request. */
  boolean isPersistent() {
    boolean framed = isChunked() || header("Content-Length") != null;
    return framed && !isHttp10() && !"close".equalsIgnoreCase(header("Connection"));
  }

  void readBody(InputStream in) throws IOException {
    String length = header("Content-Length");
    if (isChunked()) {
      for (int size = chunk(in); size > 0; size = chunk(in)) {
        skip(in, size + 2);
      }
      readHeaders(in);
    } else if (length != null) {
      skip(in, Integer.parseInt(length));
    } else {
      in.readAllBytes();
    }
  }

  Reply reply() {
    return new Reply(
        status(),
        Integer.parseInt(headers.getOrDefault("X-Connection", "0")),
        Integer.parseInt(headers.getOrDefault("X-Request", "0")));
  }

  private static int chunk(InputStream in) throws IOException {
    return Integer.parseInt(readLine(in), 16);
  }

  private static void skip(InputStream in, int bytes) throws IOException {
    if (in.readNBytes(bytes).length < bytes) {
      throw new EOFException("the body ended early");
    }
  }

  private static Map<String, String> readHeaders(InputStream in) throws IOException {
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String line = readLine(in); !line.isEmpty(); line = readLine(in)) {
      int colon = line.indexOf(':');
      headers.put(line.substring(0, colon), line.substring(colon + 1).trim());
    }
    return headers;
  }

  private static String readLine(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the upstream closed the connection");
      }
      line.append((char) c);
    }
    return line.toString().trim();
  }
}
