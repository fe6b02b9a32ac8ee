package org.keepaliveagent.proxycore;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** One end of a connection as a test sees it: bytes, lines, and HTTP messages. */
final class Wire implements AutoCloseable {
  /** How long a test waits for what must come: long, since the machine may be busy with others. */
  static final int PATIENCE_SECONDS = 25;

  /** The start line and the header lines of a message, as they came. */
  record Head(String start, List<String> lines) {
    /** The first value of a header, "" when it is absent. */
    String header(String name) {
      return lines.stream()
          .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
          .map(line -> line.substring(name.length() + 1).trim())
          .findFirst()
          .orElse("");
    }
  }

  /** A whole message; the body without its chunk marks. */
  record Message(Head head, String body) {
    String start() {
      return head.start();
    }

    String header(String name) {
      return head.header(name);
    }
  }

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  Wire(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(PATIENCE_SECONDS * 1000);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream());
    out = new BufferedOutputStream(socket.getOutputStream(), 64 * 1024);
  }

  static Wire connect(InetSocketAddress address) throws IOException {
    return new Wire(new Socket(address.getAddress(), address.getPort()));
  }

  Socket socket() {
    return socket;
  }

  InputStream in() {
    return in;
  }

  OutputStream out() {
    return out;
  }

  /** Sends text whose lines end with {@code \n}, as lines that end with CR LF. */
  Wire send(String text) throws IOException {
    out.write(text.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
    return this;
  }

  /**
   * The same for messages that are none: {@code ␊} is a bare LF, {@code ␍} a bare CR, {@code ␀} a
   * NUL.
   */
  Wire sendRaw(String text) throws IOException {
    String raw =
        text.replace("\n", "\r\n").replace('␊', '\n').replace('␍', '\r').replace('␀', '\0');
    out.write(raw.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
    return this;
  }

  /** A request without a body, and its answer. */
  Message get(String target) throws IOException {
    return send("GET " + target + " HTTP/1.1\nHost: test\n\n").message();
  }

  Message message() throws IOException {
    Head head = head();
    return new Message(head, body(head));
  }

  Head head() throws IOException {
    String start = line();
    List<String> lines = new ArrayList<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      lines.add(line);
    }
    return new Head(start, lines);
  }

  String body(Head head) throws IOException {
    if (head.header("Transfer-Encoding").equalsIgnoreCase("chunked")) {
      StringBuilder body = new StringBuilder();
      for (String chunk = chunk(); !chunk.isEmpty(); chunk = chunk()) {
        body.append(chunk);
      }
      return body.toString();
    }
    String length = head.header("Content-Length");
    return length.isEmpty() ? "" : text(Integer.parseInt(length));
  }

  /** One chunk, "" for the last one (without trailers). */
  String chunk() throws IOException {
    String chunk = text(Integer.parseInt(line(), 16));
    if (!line().isEmpty()) {
      throw new IOException("chunk has no end");
    }
    return chunk;
  }

  String text(int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("after " + bytes.length + " of " + length);
    }
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("after \"" + line + "\"");
      }
      line.write(c);
    }
    return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
  }

  /** Everything up to the end of the connection. */
  String rest() throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  void closeOutput() throws IOException {
    socket.shutdownOutput();
  }

  /** Ends the connection with a RST. */
  void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
