package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same requests to nginx and to the proxy, with the same configuration: the same lines in their
 * logs, but for numbers that no two runs have in common.
 */
@ExtendWith(LeakCheck.class)
@Timeout(90)
class NginxLogTest {
  private static final List<String> VARIABLES =
      List.of(
          "args arg_a arg_none query_string is_args uri document_uri request_uri",
          "request_method request request_id server_protocol scheme https host hostname",
          "server_name remote_addr remote_user server_addr connection_requests",
          "content_length content_type proxy_host proxy_port proxy_add_x_forwarded_for",
          "http_host http_x_y http_none http_user_agent http_referer http_cookie",
          "http_x_forwarded_for cookie_a cookie_b cookie_none",
          "status body_bytes_sent request_length request_time msec time_local time_iso8601",
          "sent_http_x_up sent_http_none sent_http_location request_body",
          "upstream_addr upstream_status upstream_connect_time upstream_header_time",
          "upstream_response_time upstream_response_length upstream_bytes_received",
          "upstream_bytes_sent upstream_http_x_up upstream_http_none");

  private static final String LONG = "x".repeat(20_000);

  private static final List<String> REQUESTS =
      List.of(
          "GET /up?a=1&b=%20 HTTP/1.1\nHost: Some.Name.:99\nX-Y: q\"\\\té\nX-Y: z\n\n",
          "GET /up?A=2 HTTP/1.1\nHost: h\nCookie: a=1; b=2\nCookie: c=\"3\"\nUser-Agent: u\n\n",
          "GET /up? HTTP/1.1\nHost: h\nX-Forwarded-For: 1.1.1.1\nX-Forwarded-For: 2.2.2.2\n\n",
          "GET http://Absolute:7/up/x?y HTTP/1.1\nHost: h\nAuthorization: Basic am9lOnB3\n\n",
          "GET /up//a/./b/../%63%20d HTTP/1.1\nHost: [::1]:80\nAuthorization: Basic Onh4\n\n",
          "POST /up HTTP/1.1\nHost: h\nContent-Type: t/x\nContent-Length: 5\n\nhello",
          "POST /up/in-chunks HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n5\nhe\"lo\n0\n\n",
          "POST /up HTTP/1.1\nHost: h\nContent-Length: 20000\n\n" + LONG,
          "HEAD /up HTTP/1.1\nHost: h\n\n",
          "GET /up HTTP/1.0\n\n",
          "GET /up/chunked HTTP/1.1\nHost: h\n\n",
          "GET /up/500 HTTP/1.1\nHost: h\n\n",
          "GET /up/broken HTTP/1.1\nHost: h\n\n",
          "GET /up/nothing HTTP/1.1\nHost: h\n\n",
          "GET /changed/a%20b?c HTTP/1.1\nHost: h\nX-Y: 1\n\n",
          "GET /dead HTTP/1.1\nHost: h\n\n",
          "GET /down HTTP/1.1\nHost: h\n\n",
          "GET /silent HTTP/1.1\nHost: h\n\n",
          "GET /text?a HTTP/1.1\nHost: h\n\n",
          "HEAD /text HTTP/1.1\nHost: h\n\n",
          "GET /moved HTTP/1.1\nHost: h\n\n",
          "GET /444 HTTP/1.1\nHost: h\n\n",
          "␀␀ nothing \"known\"\n\n",
          "GET /text HTTP/1.1\nHost: h\nBad␀: 1\n\n",
          "GET /te xt HTTP/1.1\nHost: h\n\n");

  @TempDir private Path dir;

  /** What is in the http block of both. */
  private static String configuration(Origin origin, int closed) {
    String all =
        VARIABLES.stream()
            .flatMap(names -> Stream.of(names.split(" ", -1)))
            .map(name -> "'" + name + "=$" + name + "\t'")
            .collect(Collectors.joining("\n"));
    return """
    log_format all %1$s;
    log_format json escape=json '$http_x_y|$http_none|$request|$request_body';
    log_format none escape=none '$http_x_y|$http_none|$request|$cookie_c';
    access_log all.log all;
    access_log json.log json;
    access_log none.log none;
    access_log combined.log;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    upstream dead { server 127.0.0.1:%3$d; }
    upstream down { server 127.0.0.1:%3$d down; }
    server {
      listen 127.0.0.1:0;
      server_name the.name other;
      location /up { proxy_pass http://127.0.0.1:%2$d; }
      location /changed/ {
        proxy_pass http://127.0.0.1:%2$d/up/;
        proxy_set_header X-Y "";
        proxy_set_header Host $host:$proxy_port;
        proxy_set_header Connection "";
      }
      location /dead { proxy_pass http://dead; }
      location /down { proxy_pass http://down/x; }
      location /silent { proxy_pass http://127.0.0.1:%2$d; proxy_read_timeout 100ms; }
      location /text { return 200 "text $uri $args"; }
      location /moved { return 302 http://elsewhere$uri; }
      location /444 { return 444; }
    }
    """
        .formatted(all, origin.port(), closed);
  }

  private static String answer(Wire.Message request) throws InterruptedException {
    String target = request.start().split(" ", -1)[1];
    if (target.equals("/silent")) {
      Thread.sleep(Long.MAX_VALUE);
    }
    return switch (target) {
      case "/up/chunked" ->
          "HTTP/1.1 201 Made\nX-Up: \"1\"\nTransfer-Encoding: chunked\n\n3\nabc\n0\n\n";
      case "/up/500" -> "HTTP/1.1 500 Oh\nX-Up: 2\nContent-Length: 3\n\nbad";
      case "/up/nothing" -> "HTTP/1.1 204 None\nX-Up: 3\n\n";
      case "/up/broken" -> "HTTP/1.1 200 OK\nX\0: y\n\n";
      default ->
          request.start().startsWith("HEAD")
              ? "HTTP/1.1 200 OK\nX-Up: é\nContent-Length: 4\n\n"
              : "HTTP/1.1 200 OK\nX-Up: é\nContent-Length: 4\n\nbody";
    };
  }

  @Test
  void theLinesAreTheSame() throws Exception {
    Path ours = Files.createDirectory(dir.resolve("ours"));
    Path nginxs = Files.createDirectory(dir.resolve("nginx"));
    try (Origin origin = Origin.answering((serial, request) -> answer(request));
        ClosedPort closed = new ClosedPort()) {
      String text = configuration(origin, closed.number());
      compare(text, ours, nginxs);
    }
  }

  private static void compare(String text, Path ours, Path nginxs) throws Exception {
    try (RealNginx nginx = RealNginx.like(nginxs, "http { proxy_next_upstream off;" + text + "}");
        TestProxy proxy =
            TestProxy.configured(
                ProxyConfig.parse(ours, "nginx.conf", "", "http {" + text + "}"))) {
      List<String> differences = new ArrayList<>();
      for (int i = 0; i < REQUESTS.size(); i++) {
        String request = REQUESTS.get(i);
        ask(Wire.connect(nginx.address()), request);
        ask(proxy.connect(), request);
        for (String log : List.of("all.log", "json.log", "none.log", "combined.log")) {
          String expected = normalized(line(nginxs.resolve(log), i), nginx.address().getPort());
          String line = normalized(line(ours.resolve(log), i), proxy.address().getPort());
          differences.addAll(differences(request.lines().findFirst().orElse(""), expected, line));
        }
      }
      assertEquals("", String.join("\n", differences));
    }
  }

  /** What is not the same, by variable; nginx gives a body in chunks a length, we do not. */
  private static List<String> differences(String request, String expected, String line) {
    List<String> differences = new ArrayList<>();
    String[] theirs = expected.split("\t", -1);
    String[] ours = line.split("\t", -1);
    assertEquals(theirs.length, ours.length, line);
    for (int i = 0; i < theirs.length; i++) {
      boolean framing = theirs[i].matches("(content_length|upstream_bytes_sent)=.*");
      if (!theirs[i].equals(ours[i]) && !(framing && request.contains("/in-chunks"))) {
        differences.add(request + ": nginx " + theirs[i] + ", proxy-core " + ours[i]);
      }
    }
    return differences;
  }

  private static String line(Path file, int index) throws Exception {
    return new LogLines(file).await(index + 1).get(index);
  }

  private static void ask(Wire client, String request) throws IOException {
    try (client) {
      client.sendRaw(request);
      Wire.Head head = client.head();
      if (!request.startsWith("HEAD")) {
        client.body(head);
      }
    } catch (EOFException e) {
      // It has no answer.
    }
  }

  private static String normalized(String line, int port) {
    String same =
        line.replaceAll("127\\.0\\.0\\.1:" + port + "\\b", "127.0.0.1:PORT")
            .replaceAll("\\b\\d+\\.\\d{3}\\b", "0.000")
            .replaceAll("\\d\\d/\\w{3}/\\d{4}:\\d\\d:\\d\\d:\\d\\d ", "TIME ")
            .replaceAll("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d", "TIME")
            .replaceAll("request_id=[0-9a-f]{32}\t", "request_id=ID\t");
    // The error pages are of different length.
    return same.replaceAll("(status=(?:302|[45]\\d\\d)\tbody_bytes_sent=)[1-9]\\d*\t", "$1N\t")
        .replaceAll("\" (302|[45]\\d\\d) [1-9]\\d* \"", "\" $1 N \"");
  }
}
