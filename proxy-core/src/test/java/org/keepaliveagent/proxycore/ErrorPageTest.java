package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What stands in for an error; {@link BesideNginxTest} has more where nginx is installed. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class ErrorPageTest {
  private static TestProxy with(Origin origin, String locations) throws Exception {
    return TestProxy.configured(
        "http { client_max_body_size 0; server { listen 127.0.0.1:0; %s } }"
            .formatted(locations.replace("ORIGIN", "http://127.0.0.1:" + origin.port())));
  }

  @ParameterizedTest
  @CsvSource({
    "error_page 404 /page?x=y, 404, /page x=y",
    "error_page 404 =200 /page, 200, /page",
    "error_page 404 = /page, 200, /page",
    "error_page 404 = /gone, 410, gone",
    "error_page 500 404 =203 @named, 203, named /e",
    "error_page 404 /page$uri, 404, /page/e",
    "error_page 404 @none, 500, ''"
  })
  void anErrorLeadsElsewhere(String errorPage, String status, String body) throws Exception {
    String locations =
        """
        location /e { %s; return 404; }
        location /page { return 200 "$uri $args"; }
        location /gone { return 410 gone; }
        location @named { return 200 "named $uri"; }
        """
            .formatted(errorPage);
    try (Origin origin = Origin.counting();
        TestProxy proxy = with(origin, locations);
        Wire client = proxy.connect()) {
      Wire.Message answer = client.get("/e?a=b");
      assertEquals(status, answer.start().substring(9, 12));
      if (!body.isEmpty()) {
        assertEquals(body, answer.body().strip());
      }
    }
  }

  @Test
  void whatAnotherUpstreamAnswersStandsInForOneThatIsDown() throws Exception {
    try (Origin origin = Origin.answering((serial, request) -> Origin.ok(request.body()));
        ClosedPort closed = new ClosedPort();
        TestProxy proxy =
            with(
                origin,
                "proxy_request_buffering off; location / { proxy_pass http://127.0.0.1:"
                    + closed.number()
                    + "; error_page 502 = @other; } location @other { proxy_pass ORIGIN; }");
        Wire client = proxy.connect()) {
      for (int i = 0; i < 2; i++) {
        client.send("PUT /x HTTP/1.1\nHost: h\nContent-Length: 4\n\nbody");
        assertEquals("body", client.message().body());
      }
      client.send("PUT /x HTTP/1.1\nHost: h\nContent-Length: 4\n\n");
      TestProxy.await("at the other one", () -> proxy.parked() == 0);
      client.send("late");
      assertEquals("late", client.message().body());
    }
  }

  @Test
  void anUpstreamsErrorIsItsOwnUnlessIntercepted() throws Exception {
    try (Origin origin =
            Origin.answering(
                (serial, request) -> "HTTP/1.1 503 Mine\nX-Origin: o\nContent-Length: 3\n\nown");
        TestProxy proxy =
            with(
                origin,
                """
                error_page 503 /page;
                location /own { proxy_pass ORIGIN; }
                location /on { proxy_intercept_errors on; proxy_pass ORIGIN; }
                location /other { proxy_intercept_errors on; error_page 504 /page; proxy_pass ORIGIN; }
                location /page { return 200 "page of $uri for $request_uri"; }
                """);
        Wire client = proxy.connect()) {
      assertEquals("own", client.get("/own").body());
      assertEquals("own", client.get("/other").body());
      Wire.Message page = client.get("/on");
      assertEquals("HTTP/1.1 503 Service Temporarily Unavailable", page.start());
      assertEquals("page of /page for /on", page.body());
      assertEquals("", page.header("X-Origin"));
      assertEquals("own", client.get("/own").body());
    }
  }

  @Test
  void aSilentUpstreamIsA504ThatHasItsPage() throws Exception {
    try (Origin origin = Origin.scripted((serial, wire) -> wire.rest());
        TestProxy proxy =
            with(
                origin,
                "error_page 504 =200 /page; location /page { return 200 late; }"
                    + " location / { proxy_read_timeout 50ms; proxy_pass ORIGIN; }");
        Wire client = proxy.connect()) {
      assertEquals("late", client.get("/").body());
    }
  }

  @Test
  void redirectionsInACircleEnd() throws Exception {
    try (Origin origin = Origin.counting();
        TestProxy proxy = with(origin, "location / { index /; }");
        Wire client = proxy.connect()) {
      Wire.Message answer = client.get("/");
      assertEquals("HTTP/1.1 500 Internal Server Error", answer.start());
      assertEquals("close", answer.header("Connection"));
      assertEquals("", client.rest());
    }
  }

  @Test
  void aBodyThatIsTooBigIsRefused() throws Exception {
    try (Origin origin = Origin.counting();
        TestProxy proxy =
            with(
                origin,
                "client_max_body_size 4; error_page 413 /big; location / { proxy_pass ORIGIN; }"
                    + " location /big { return 200 big; }")) {
      for (String body :
          new String[] {
            "Content-Length: 5\n\nhello", "Transfer-Encoding: chunked\n\n3\nhel\n2\nlo\n0\n\n"
          }) {
        try (Wire client = proxy.connect()) {
          client.send("POST / HTTP/1.1\nHost: h\n" + body);
          Wire.Message answer = client.message();
          assertEquals("HTTP/1.1 413 Request Entity Too Large", answer.start());
          assertEquals("big", answer.body());
          assertEquals("", client.rest());
        }
      }
    }
  }

  @Test
  void noUpstreamGetsARequestWhoseBodyIsRefused() throws Exception {
    try (Origin origin = Origin.counting();
        TestProxy proxy =
            with(
                origin,
                "client_max_body_size 4; error_page 413 400 = @other; location / { proxy_pass"
                    + " ORIGIN; } location @other { proxy_pass ORIGIN; }")) {
      for (String body :
          new String[] {
            "Content-Length: 5\n\nhello",
            "Transfer-Encoding: chunked\n\n3\nhel\n2\nlo\n0\n\n",
            "Transfer-Encoding: chunked\n\nx\n"
          }) {
        try (Wire client = proxy.connect()) {
          client.send("POST / HTTP/1.1\nHost: h\n" + body);
          assertEquals("5", client.message().start().substring(9, 10));
          assertEquals("", client.rest());
        }
      }
      TestProxy.await("no connection to be in use", () -> proxy.open() == proxy.parked());
    }
  }

  @Test
  void addedHeadersAreOfTheNearestLevelAndOfGoodAnswersOnly() throws Exception {
    try (Origin origin = Origin.counting();
        TestProxy proxy =
            with(
                origin,
                """
                add_header X-Outer "$uri" always;
                location /up { add_header X-Inner $arg_a; add_header X-Inner 2; proxy_pass ORIGIN; }
                location /outer { return 404; }
                location /inner { add_header X-Inner i; return 404; }
                """);
        Wire client = proxy.connect()) {
      Wire.Head up = client.get("/up?a=1").head();
      assertEquals(2, up.lines().stream().filter(line -> line.startsWith("X-Inner: ")).count());
      assertEquals("", up.header("X-Outer"));
      assertEquals("/outer", client.get("/outer").header("X-Outer"));
      assertEquals("", client.get("/inner").header("X-Inner"));
      assertEquals("/outer%0D%0Ax: y", client.get("/outer%0d%0ax:%20y").header("X-Outer"));
    }
  }
}
