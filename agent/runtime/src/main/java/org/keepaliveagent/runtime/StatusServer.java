package org.keepaliveagent.runtime;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.telemetry.PrometheusText;

/**
 * The page for people ({@code /}), the same as JSON ({@code /status.json}) and the metrics ({@code
 * /metrics}), over HTTP, one request a connection and one connection at a time. The mode can be
 * switched ({@code POST /mode}) by who knows the token, if there is one; it knows nothing else, and
 * says so. Answers none but the names of this machine's loopback and the address that it listens
 * on, so that a page from elsewhere cannot read it through a name of its own (DNS rebinding).
 *
 * <p>Not the JDK's own server: that brings up {@code java.util.logging}, which an agent must not
 * before the application has, its thread keeps the JVM alive, and its module may be missing.
 */
final class StatusServer extends Thread implements AutoCloseable {
  private static final int WAITING = 16;
  private static final int LONGEST_HEAD = 8192;
  private static final int LONGEST_BODY = 16;
  private static final int READ_MILLIS = 1000;
  private static final long REQUEST_NANOS = 3_000_000_000L;

  private final ServerSocket listener;
  private final Supplier<String> json;
  private final Supplier<String> metrics;
  private final ModeSwitch mode;

  /**
   * Listens.
   *
   * @throws IOException when the address cannot be had
   */
  StatusServer(
      InetSocketAddress at, Supplier<String> json, Supplier<String> metrics, ModeSwitch mode)
      throws IOException {
    super("keepalive-status");
    setDaemon(true);
    this.json = json;
    this.metrics = metrics;
    this.mode = mode;
    listener = new ServerSocket(at.getPort(), WAITING, at.getAddress());
  }

  /** Where it listens, as a URL. */
  String url() {
    InetAddress bound = listener.getInetAddress();
    String host = bound.isAnyLocalAddress() ? "127.0.0.1" : bound.getHostAddress();
    return "http://"
        + (host.indexOf(':') < 0 ? host : "[" + host + "]")
        + ":"
        + listener.getLocalPort()
        + "/";
  }

  @Override
  public void run() {
    while (!listener.isClosed()) {
      try (Socket client = listener.accept()) {
        client.setSoTimeout(READ_MILLIS);
        String head = head(client.getInputStream());
        if (head != null) {
          client.getOutputStream().write(response(head, client.getInputStream()));
          client.shutdownOutput();
          drain(client.getInputStream());
        }
      } catch (IOException | RuntimeException failed) {
        // of this client; the next one may do better
      }
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      // it is closed all the same
    }
  }

  /** The request's head without its last empty line; null for what is none, or comes too slowly. */
  private static @Nullable String head(InputStream in) throws IOException {
    long start = System.nanoTime();
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int last = 0;
    for (int next = in.read(); next >= 0; next = in.read()) {
      if (next == '\n' && last == '\n') {
        return new String(head.toByteArray(), ISO_8859_1);
      }
      if (next != '\r') {
        head.write(next);
        last = next;
      }
      if (head.size() > LONGEST_HEAD || System.nanoTime() - start > REQUEST_NANOS) {
        return null;
      }
    }
    return null;
  }

  /** Reads what the client still sends, a little: closing before would reset the response. */
  private static void drain(InputStream in) throws IOException {
    byte[] rest = new byte[LONGEST_HEAD];
    for (int i = 0; i < 8 && in.read(rest) >= 0; i++) {
      // unread
    }
  }

  private byte[] response(String head, InputStream in) throws IOException {
    String[] lines = head.split("\n", -1);
    String[] request = lines[0].split(" ", -1);
    if (request.length != 3 || !request[2].startsWith("HTTP/1.")) {
      return response("400 Bad Request", "text/plain", "This is no HTTP request.\n", true);
    }
    boolean body = !request[0].equals("HEAD");
    if (!isOurs(header(lines, "host:"))) {
      String text = "This page answers to its own address only.\n";
      return response("403 Forbidden", "text/plain", text, body);
    }
    if (request[0].equals("POST") && request[1].equals("/mode") && mode.isThere()) {
      return switched(lines, in);
    }
    if (!request[0].equals("GET") && body) {
      String text = "There is nothing to write here.\n";
      return response("405 Method Not Allowed\r\nAllow: GET, HEAD", "text/plain", text, true);
    }
    int query = request[1].indexOf('?');
    switch (query < 0 ? request[1] : request[1].substring(0, query)) {
      case "/":
        return response("200 OK", "text/html; charset=utf-8", page(), body);
      case "/status.json":
        return response("200 OK", "application/json", json.get(), body);
      case "/metrics":
        return response("200 OK", PrometheusText.CONTENT_TYPE, metrics.get(), body);
      default:
        String text = "There are /, /status.json and /metrics.\n";
        return response("404 Not Found", "text/plain", text, body);
    }
  }

  /**
   * Switches the mode. A page from elsewhere can make no browser send the token's header without
   * asking us first, which we answer with 405; its origin gives it away as well.
   */
  private byte[] switched(String[] lines, InputStream in) throws IOException {
    String origin = header(lines, "origin:");
    if (origin != null && !origin.equals("http://" + header(lines, "host:"))) {
      String text = "This page answers to itself only.\n";
      return response("403 Forbidden", "text/plain", text, true);
    }
    if (!mode.opensWith(header(lines, "keepalive-token:"))) {
      String text = "This is not the token.\n";
      return response("403 Forbidden", "text/plain", text, true);
    }
    String length = header(lines, "content-length:");
    boolean isShort = length != null && length.matches("[0-9]{1,2}");
    int bytes = isShort ? Integer.parseInt(length) : LONGEST_BODY + 1;
    if (bytes > LONGEST_BODY || !mode.switchTo(word(in, bytes))) {
      String text = "The body is off, observe or enforce.\n";
      return response("400 Bad Request", "text/plain", text, true);
    }
    return response("200 OK", "text/plain", "Switched.\n", true);
  }

  private static String word(InputStream in, int length) throws IOException {
    byte[] body = new byte[length];
    int read = 0;
    while (read < length) {
      int more = in.read(body, read, length - read);
      if (more < 0) {
        return "";
      }
      read += more;
    }
    return new String(body, ISO_8859_1);
  }

  private static @Nullable String header(String[] lines, String name) {
    for (String line : lines) {
      if (line.toLowerCase(Locale.ROOT).startsWith(name)) {
        return line.substring(name.length()).trim();
      }
    }
    return null;
  }

  /** Whether the client asked for us by address or as localhost, and not by a name of another. */
  private boolean isOurs(@Nullable String hostHeader) {
    if (hostHeader == null) {
      return false;
    }
    String host = hostHeader.toLowerCase(Locale.ROOT);
    int colon = host.lastIndexOf(':');
    if (colon >= 0 && host.indexOf(']', colon) < 0) {
      host = host.substring(0, colon);
    }
    InetAddress bound = listener.getInetAddress();
    return host.equals("localhost")
        || host.equals("127.0.0.1")
        || host.equals("[::1]")
        || host.equals(bound.getHostAddress())
        || host.equals("[" + bound.getHostAddress() + "]")
        || (bound.isAnyLocalAddress() && host.matches("[0-9]+(\\.[0-9]+){3}|\\[[0-9a-f:.]+\\]"));
  }

  private static byte[] response(String status, String type, String text, boolean withBody) {
    byte[] body = text.getBytes(UTF_8);
    byte[] head =
        ("HTTP/1.1 "
                + status
                + "\r\nContent-Type: "
                + type
                + "\r\nContent-Length: "
                + body.length
                + "\r\nConnection: close\r\nCache-Control: no-store"
                + "\r\nX-Content-Type-Options: nosniff"
                + "\r\nContent-Security-Policy: default-src 'none'; connect-src 'self';"
                + " style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'none'"
                + "\r\n\r\n")
            .getBytes(ISO_8859_1);
    byte[] whole = new byte[head.length + (withBody ? body.length : 0)];
    System.arraycopy(head, 0, whole, 0, head.length);
    System.arraycopy(body, 0, whole, head.length, whole.length - head.length);
    return whole;
  }

  private static String page() throws IOException {
    try (InputStream in = StatusServer.class.getResourceAsStream("status.html")) {
      if (in == null) {
        throw new IOException("status.html is not in the jar");
      }
      ByteArrayOutputStream page = new ByteArrayOutputStream();
      byte[] buffer = new byte[8192];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        page.write(buffer, 0, read);
      }
      return new String(page.toByteArray(), UTF_8);
    }
  }
}
