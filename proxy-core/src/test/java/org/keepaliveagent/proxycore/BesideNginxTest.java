package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same configuration and the same requests get the same answers from nginx. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class BesideNginxTest {
  private static final String CONFIGURATION =
      """
      events { }
      http {
        types { text/html html; text/css css; image/png png; }
        default_type application/x-any;
        client_max_body_size 10;
        proxy_http_version 1.1;
        add_header X-Http h;
        server {
          listen 127.0.0.1:PORT;
          server_name origin;
          root www;
          error_page 404 /404.html;
          location / { }
          location = /range.css { add_header X-None ""; }
          location /files/ { index none.html home.html; }
          location /empty/ { }
          location = /files/home.html { add_header X-Index $uri; }
          location /none/ { error_page 404 /missing.html; }
          location /added/ {
            add_header X-A "$request_method $uri" always;
            add_header X-B b;
            add_header X-Empty $arg_none;
            return 404;
          }
          location /added2/ { add_header X-B $arg_b; return 200 text; }
          location /added.html { return 200 "a page"; }
          location /e1/ { error_page 503 /404.html; return 503; }
          location /e2/ { error_page 503 =200 /404.html; return 503; }
          location /e3/ { error_page 503 = /404.html; return 503; }
          location /e4/ { error_page 503 @named; return 503; }
          location /e5/ { error_page 503 =201 @named; return 503; }
          location /e6/ { error_page 503 http://else.example/$arg_a; return 503; }
          location /e7/ { error_page 503 =301 http://else.example/; return 503; }
          location /e8/ { error_page 503 @nobody; return 503; }
          location /e9/ { error_page 503 = @named; return 503; }
          location /e10/ { error_page 503 /again?x=y; return 503; }
          location /e11/ { error_page 502 503 = /returns; return 503; }
          location /e12/ { error_page 404 /e1/; return 404; }
          location /e13/ { error_page 418 = @named; return 418; }
          location /e14/ { error_page 302 /404.html; return 302 /x; }
          location /e15/ { error_page 503 /files/; return 503; }
          location /again { return 200 "$uri $args $request_uri $request_method"; }
          location /returns { return 404; }
          location @named { return 200 "named $uri $request_method"; }
          location /loop/ { index /loop/; }
          location /r200 { return 200; }
          location /r204 { return 204; }
          location /r299 { return 299 x; }
          location /r301 { return 301 /there; }
          location /r302 { return 302 http://else.example/; }
          location /r304 { return 304; }
          location /r307 { return 307 there; }
          location /r400 { return 400; }
          location /r402 { return 402 "pay"; }
          location /r404 { return 404 ""; }
          location /r418 { return 418; }
          location /r444 { return 444; }
          location /r499 { return 499; }
          location /r500 { return 500; }
          location /r503 { return 503; }
          location /plain { server_tokens off; return 404; }
          location /ka0 { keepalive_timeout 0; return 200 x; }
          location /ka1 { keepalive_requests 1; return 200 x; }
          location /kah { keepalive_timeout 9s 7s; return 200 x; }
          location /big { client_max_body_size 0; return 200 x; }
          location /probe { return 200 probed; }
          location /n {
            return 200 a;
            location /n/b { return 200 ab; }
            location = /n/c { return 200 ac; }
            location ~ d$ { return 200 ad; }
          }
          location ^~ /f { return 200 f; location /f/g { return 200 fg; } }
          location ~ [.]re$ { return 200 re; location ~ x { return 200 rex; } }
          location /up { proxy_pass http://127.0.0.1:UPSTREAM; }
          location /up/i {
            proxy_pass http://127.0.0.1:UPSTREAM;
            proxy_intercept_errors on;
            error_page 404 /404.html;
            error_page 500 = @fallback;
            add_header X-Added "$uri" always;
          }
          location /up/n { error_page 404 /404.html; proxy_pass http://127.0.0.1:UPSTREAM; }
          location /up/s { error_page 404 =200 /up/x; return 404; }
          location /up/slash/ { proxy_pass http://127.0.0.1:UPSTREAM/base/; }
          location /down { error_page 502 /404.html; proxy_pass http://127.0.0.1:CLOSED; }
          location /down/f { error_page 502 = @fallback; proxy_pass http://127.0.0.1:CLOSED; }
          location /down/p { proxy_pass http://127.0.0.1:CLOSED; }
          location @fallback { proxy_pass http://127.0.0.1:UPSTREAM; }
        }
      }
      """;

  private static final String PROBE = "GET /probe HTTP/1.1|Host: origin|Connection: close||";

  private static final List<String> IGNORED = List.of("server", "date");

  private static RealNginx nginx;
  private static TestProxy proxy;
  private static Origin origin;
  private static ClosedPort closed;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    files(Files.createDirectory(folder.resolve("www")));
    closed = new ClosedPort();
    origin = Origin.answering((serial, request) -> answer(request));
    String text =
        CONFIGURATION
            .replace("UPSTREAM", String.valueOf(origin.port()))
            .replace("CLOSED", String.valueOf(closed.number()));
    nginx = RealNginx.start(folder, text);
    proxy =
        TestProxy.configured(
            ProxyConfig.parse(folder, "nginx.conf", "", text.replace("PORT", "0")));
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
    return "HTTP/1.1 %s Whatever\nX-Origin: o\nContent-Type: text/o\nContent-Length: %d\n\n%s"
        .formatted(status, body.length(), body);
  }

  @AfterAll
  static void stop() throws Exception {
    for (AutoCloseable started : new AutoCloseable[] {proxy, nginx, origin, closed}) {
      if (started != null) {
        started.close();
      }
    }
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
              .map(BesideNginxTest::normal)
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /a.css",
        "GET /A.HTML",
        "GET /b",
        "GET /.hidden",
        "GET /nothing.css",
        "GET /link.css",
        "GET /big.bin",
        "GET /files/x%20y.png",
        "GET /files/x%2520y.png",
        "GET /none.css",
        "GET /a.css/",
        "GET /a.css/b",
        "GET /files",
        "GET /files?a=b",
        "GET /files/",
        "GET /files/?a=b",
        "GET /files/sub",
        "GET /files/sub/",
        "GET /empty/",
        "GET /empty/x",
        "GET /nowhere/",
        "GET /none/x",
        "GET /",
        "GET /files/../a.css",
        "GET /files/%2e%2e/a.css",
        "GET /files/..%2fa.css",
        "GET /../a.css",
        "GET /%2e%2e/a.css",
        "GET /files/..%2f..%2f..%2fetc/passwd",
        "GET //a.css",
        "GET /./a.css",
        "GET /a.css%00",
        "GET /added/x?none=",
        "GET /added2/?b=%0d%0aX-Evil:%201",
        "GET /added2/?b=1",
        "GET /added.html",
        "GET /e1/",
        "GET /e2/",
        "GET /e3/",
        "GET /e4/",
        "GET /e5/",
        "GET /e6/?a=x",
        "GET /e7/",
        "GET /e8/",
        "GET /e9/",
        "GET /e10/",
        "GET /e11/",
        "GET /e12/",
        "GET /e13/",
        "GET /e14/",
        "GET /e15/",
        "GET /loop/",
        "GET /r200",
        "GET /r204",
        "GET /r299",
        "GET /r301",
        "GET /r302",
        "GET /r304",
        "GET /r307",
        "GET /r400",
        "GET /r402",
        "GET /r404",
        "GET /r418",
        "GET /r444",
        "GET /r499",
        "GET /r500",
        "GET /r503",
        "GET /plain",
        "GET /n",
        "GET /n/b",
        "GET /n/bd",
        "GET /n/c",
        "GET /n/cd",
        "GET /n/xd",
        "GET /f",
        "GET /f/g",
        "GET /f/x.re",
        "GET /x.re",
        "GET /y.re",
        "GET /up",
        "GET /up?x=y",
        "GET /up/i/200",
        "GET /up/i/404",
        "GET /up/i/500",
        "GET /up/i/503",
        "GET /up/n/404",
        "GET /up/s",
        "GET /up/slash",
        "GET /up/slash?x=y",
        "GET /up/slash/x",
        "GET /down",
        "GET /down/f",
        "GET /down/f?x=y",
        "GET /down/p",
        "HEAD /a.css",
        "HEAD /b",
        "HEAD /none.css",
        "HEAD /files/",
        "HEAD /e1/",
        "HEAD /r200",
        "HEAD /added/",
        "HEAD /big.bin",
        "HEAD /up",
        "HEAD /down",
        "HEAD /nothing.css",
        "HEAD /r402",
        "PUT /a.css",
        "DELETE /a.css",
        "OPTIONS /a.css",
        "PATCH /a.css",
        "POST /a.css",
        "POST /files/",
        "POST /files",
        "PUT /files/",
        "PUT /",
        "PUT /none.css",
        "POST /none.css",
        "POST /e1/",
        "POST /e4/",
        "POST /e10/",
        "POST /r200",
        "TRACE /a.css",
        "POST /up/i/404",
        "POST /up/i/500",
        "POST /down/f",
        "DELETE /down/f"
      })
  void theAnswerIsTheSame(String request) throws Exception {
    String text = request + " HTTP/1.1|Host: origin|Connection: close||";
    assertEquals(exchange(nginx.address(), text), exchange(proxy.address(), text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=0-3||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=4-||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=-4||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=-400||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=0-400||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=16-||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=20-30||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=5-2||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=-0||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=x||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=-||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes= 1-2||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: lines=1-2||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=0-0||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=99999999999999999999-||",
        "HEAD /a.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=0-3||",
        "GET /nothing.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=0-3||",
        "GET /big.bin HTTP/1.1|Host: origin|Connection: close|Range: bytes=100000-400000||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=0-3|If-Range: \"6553f100-14\"||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=0-3|If-Range: \"x\"||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=0-3|If-Range: Tue, 14 Nov 2023 22:13:20 GMT||",
        "GET /range.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=0-3|If-Range: Tue, 14 Nov 2023 22:13:21 GMT||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-Modified-Since: Tue, 14 Nov 2023 22:13:21 GMT||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-Modified-Since: x||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-Modified-Since: Tuesday, 14-Nov-23 22:13:20 GMT||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-None-Match: \"6553f100-10\"||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-None-Match: W/\"6553f100-10\"||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-None-Match: \"x\", \"6553f100-10\"||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-None-Match: *||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-None-Match: \"x\"||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-None-Match: \"x\"|If-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-None-Match: \"6553f100-10\"|If-Modified-Since: x||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-Match: \"6553f100-10\"||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-Match: \"x\"||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-Match: W/\"6553f100-10\"||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-Unmodified-Since: Tue, 14 Nov 2023 22:13:20 GMT||",
        "GET /a.css HTTP/1.1|Host: origin|Connection: close|If-Unmodified-Since: Tue, 14 Nov 2023 22:13:19 GMT||",
        "GET /none.css HTTP/1.1|Host: origin|Connection: close|Range: bytes=0-3||",
        "POST /r200 HTTP/1.1|Host: origin|Connection: close|Content-Length: 10||0123456789",
        "POST /r200 HTTP/1.1|Host: origin|Connection: close|Content-Length: 11||0123456789a",
        "POST /big HTTP/1.1|Host: origin|Connection: close|Content-Length: 11||0123456789a",
        "POST /up HTTP/1.1|Host: origin|Connection: close|Content-Length: 10||0123456789",
        "POST /up HTTP/1.1|Host: origin|Connection: close|Content-Length: 11||0123456789a",
        "POST /up HTTP/1.1|Host: origin|Connection: close|Transfer-Encoding: chunked||a|0123456789|0||",
        "POST /up HTTP/1.1|Host: origin|Connection: close|Transfer-Encoding: chunked||b|0123456789a|0||",
        "PUT /down/f HTTP/1.1|Host: origin|Connection: close|Content-Length: 5||hello",
        "POST /down/f HTTP/1.1|Host: origin|Connection: close|Content-Length: 5||hello",
        "GET /ka0 HTTP/1.1|Host: origin||",
        "GET /ka1 HTTP/1.1|Host: origin||",
        "GET /kah HTTP/1.1|Host: origin||",
        "GET /r200 HTTP/1.1|Host: origin||",
        "GET /r200 HTTP/1.0|Host: origin||",
        "GET /r200 HTTP/1.0|Host: origin|Connection: keep-alive||",
        "GET /kah HTTP/1.0|Host: origin|Connection: keep-alive||",
        "GET /a.css HTTP/1.0|Host: origin|Connection: keep-alive||",
        "GET /ka0 HTTP/1.0|Host: origin|Connection: keep-alive||",
        "GET /r400 HTTP/1.1|Host: origin||",
        "GET /r404 HTTP/1.1|Host: origin||",
        "GET /r500 HTTP/1.1|Host: origin||"
      })
  void theAnswerToTheseHeadersIsTheSame(String request) throws Exception {
    assertEquals(exchange(nginx.address(), request), exchange(proxy.address(), request));
  }
}
