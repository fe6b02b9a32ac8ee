package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/** nginx and a proxy with the same configuration, the same files and the same upstream. */
final class NginxPair implements AutoCloseable {
  private static final String CONFIGURATION = "beside-nginx.conf";
  private static final String PROBE = "GET /probe HTTP/1.1|Host: origin|Connection: close||";
  private static final List<String> IGNORED = List.of("server", "date");

  private final ClosedPort closed;
  private final Origin origin;
  private final RealNginx nginx;
  private final TestProxy proxy;

  private NginxPair(ClosedPort closed, Origin origin, RealNginx nginx, TestProxy proxy) {
    this.closed = closed;
    this.origin = origin;
    this.nginx = nginx;
    this.proxy = proxy;
  }

  /** Starts both, where nginx is installed; else the test is not run. */
  static NginxPair start(Path folder) throws Exception {
    RealNginx.assumeInstalled();
    files(Files.createDirectory(folder.resolve("www")));
    ClosedPort closed = new ClosedPort();
    Origin origin = Origin.answering((serial, request) -> answer(request));
    String text =
        configuration()
            .replace("UPSTREAM", String.valueOf(origin.port()))
            .replace("CLOSED", String.valueOf(closed.number()));
    ProxyConfig config = ProxyConfig.parse(folder, "nginx.conf", "", text.replace("PORT", "0"));
    return new NginxPair(
        closed, origin, RealNginx.start(folder, text), TestProxy.configured(config));
  }

  private static String configuration() throws IOException {
    try (InputStream in = NginxPair.class.getResourceAsStream(CONFIGURATION)) {
      return new String(
          Objects.requireNonNull(in, CONFIGURATION).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static void files(Path root) throws IOException {
    Instant time = Instant.ofEpochSecond(1_700_000_000);
    Files.createDirectories(root.resolve("files/sub"));
    Files.createDirectories(root.resolve("empty"));
    for (String name :
        List.of(
            "a.css",
            "range.css",
            "A.HTML",
            "b",
            "404.html",
            "files/home.html",
            "files/x y.png",
            ".hidden")) {
      Path file = root.resolve(name);
      Files.writeString(file, "content of " + name);
      Files.setLastModifiedTime(file, FileTime.from(time));
    }
    Files.writeString(root.resolve("nothing.css"), "");
    Files.setLastModifiedTime(root.resolve("nothing.css"), FileTime.from(time));
    byte[] big = new byte[3_000_000];
    Arrays.fill(big, (byte) 'x');
    Files.write(root.resolve("big.bin"), big);
    Files.setLastModifiedTime(root.resolve("big.bin"), FileTime.from(time));
    Files.createSymbolicLink(root.resolve("link.css"), root.resolve("a.css"));
  }

  private static String answer(Wire.Message request) {
    String path = request.start().split(" ", -1)[1];
    String status = path.startsWith("/up/i/") ? path.substring(6) : "200";
    String body = request.start() + " " + request.body();
    return "HTTP/1.1 %s Whatever\nX-Origin: o\nWWW-Authenticate: Basic\nContent-Type: text/o\nContent-Length: %d\n\n%s"
        .formatted(status, body.length(), body);
  }

  @Override
  public void close() throws IOException {
    proxy.close();
    nginx.close();
    origin.close();
    closed.close();
  }

  /** Both answer a request alike; {@code |} ends a line of it. */
  void answerAlike(String request) throws IOException {
    assertEquals(exchange(nginx.address(), request), exchange(proxy.address(), request));
  }

  /** The answer to a request, and whether the next one has an answer on the same connection. */
  private static String exchange(InetSocketAddress server, String request) throws IOException {
    boolean last = request.contains("Connection: close");
    try (Wire wire = Wire.connect(server)) {
      wire.send((request + (last ? "" : PROBE)).replace('|', '\n'));
      String all = wire.rest();
      int end = all.indexOf("\r\n\r\n");
      if (end < 0) {
        return all;
      }
      String head =
          Arrays.stream(all.substring(0, end).split("\r\n", -1))
              .map(NginxPair::normal)
              .filter(line -> !IGNORED.contains(line.split(":", -1)[0]))
              .filter(line -> !line.equals("connection: keep-alive") || request.contains("/1.0"))
              .sorted()
              .collect(Collectors.joining("\n"));
      String body = all.substring(end + 4);
      if (body.endsWith("probed")) {
        body = body.substring(0, body.lastIndexOf("HTTP/1.1 ")) + "and goes on";
      }
      return (head + "\n\n" + body)
          .replace(":" + server.getPort(), ":PORT")
          .replaceAll("(?s)content-length: [0-9]+\n(.*<center>)(nginx|proxy-core)[^<]*", "$1NAME");
    }
  }

  private static String normal(String line) {
    int colon = line.indexOf(':');
    return line.startsWith("HTTP/") || colon < 0
        ? line
        : line.substring(0, colon).toLowerCase(Locale.ROOT) + line.substring(colon);
  }
}
