package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests whose upstream depends on themselves: PORT is the origin's, DNS the name server's. */
@ExtendWith(LeakCheck.class)
@Timeout(120)
class VariablePassTest {
  private static final String RESOLVER = "resolver 127.0.0.1:DNS ipv6=off; resolver_timeout 20s;";

  /** Status and body. */
  private static String answer(InetSocketAddress address, String target) throws Exception {
    try (Wire client = Wire.connect(address)) {
      Wire.Message answer = client.send("GET " + target + " HTTP/1.1\nHost: client\n\n").message();
      boolean ok = answer.start().contains(" 200 ");
      return answer.start().substring(9, 12) + (ok ? " " + answer.body() : "");
    }
  }

  private static Origin origin() throws Exception {
    return Origin.answering(
        (serial, request) ->
            Origin.ok(request.start().split(" ", -1)[1] + " " + request.header("Host")));
  }

  private static String text(String directives, Origin origin, NameServer names) {
    return "http { upstream up { server 127.0.0.1:PORT; } server { listen 127.0.0.1:0; %s } }"
        .formatted(directives)
        .replace("PORT", String.valueOf(origin.port()))
        .replace("DNS", String.valueOf(names.port()));
  }

  @ParameterizedTest
  @CsvSource({
    "'location / { proxy_pass http://$arg_h; }', /a%20b?h=up, '200 /a%20b?h=up up'",
    "'location / { proxy_pass http://$arg_h; }', /a/../b?h=127.0.0.1:PORT,"
        + " '200 /a/../b?h=127.0.0.1:PORT 127.0.0.1:PORT'",
    "'location / { proxy_pass http://$arg_h/x%20y?z; }', /?h=up, '200 /x%20y?z up'",
    "'location / { proxy_pass http://up$request_uri; }', /a/../b?c, '200 /a/../b?c up'",
    "'location /p/ { proxy_pass http://up$uri$is_args$args; }', /p/a?b=c, '200 /p/a?b=c up'",
    "'location ~ ^/r(.*) { proxy_pass http://$arg_h/x; }', /r?h=up, '200 /x up'",
    "'location / { proxy_pass $arg_u; }', /?u=http://up/x, '200 /x up'",
    "'location / { proxy_pass http://$arg_h?q=1; }', /?h=up, '200 /?q=1 up'",
    "'location / { proxy_pass http://$arg_h; proxy_set_header Host $proxy_host:$proxy_port; }',"
        + " /?h=up, '200 /?h=up up:80'",
    "'location / { proxy_pass $arg_u; }', /?u=ftp://up/x, 500",
    "'location / { proxy_pass http://$arg_h; }', /, 500",
    "'location / { proxy_pass http://$arg_h; }', /?h=:80, 500",
    "'location / { proxy_pass http://$arg_h; }', /?h=app.test:PORT, 502",
    "'RESOLVER location / { proxy_pass http://$arg_h; }', /?h=app.test:PORT,"
        + " '200 /?h=app.test:PORT app.test:PORT'",
    "'RESOLVER location / { proxy_pass http://$arg_h; }', /?h=other.test:PORT, 502",
    "'location / { resolver 127.0.0.1:DNS valid=1s; proxy_pass http://$arg_h/; }',"
        + " /?h=app.test:PORT, '200 / app.test:PORT'",
    "'resolver 127.0.0.1:DNS ipv6=off; resolver_timeout 1s; location / { proxy_pass"
        + " http://$arg_h; }', /?h=silent.test, 502"
  })
  void anUpstreamIsFoundAsByNginx(
      String directives, String target, String expected, @TempDir Path dir) throws Exception {
    try (Origin origin = origin();
        NameServer names = new NameServer("app.test")) {
      String text = text(directives.replace("RESOLVER", RESOLVER), origin, names);
      String port = String.valueOf(origin.port());
      try (TestProxy proxy = TestProxy.configured(text)) {
        assertEquals(
            expected.replace("PORT", port), answer(proxy.address(), target.replace("PORT", port)));
      }
      RealNginx.assumeInstalled();
      try (RealNginx nginx = RealNginx.like(dir, text)) {
        assertEquals(
            expected.replace("PORT", port), answer(nginx.address(), target.replace("PORT", port)));
      }
    }
  }

  @Test
  void aNameIsAskedForOnceWhileItsAnswerIsValid() throws Exception {
    try (Origin origin = origin();
        NameServer names = new NameServer("app.test");
        TestProxy proxy =
            TestProxy.configured(
                text(
                    "resolver 127.0.0.1:DNS ipv6=off valid=1h; location / { proxy_pass"
                        + " http://$arg_h:PORT; }",
                    origin,
                    names))) {
      assertEquals("200", answer(proxy.address(), "/?h=app.test").substring(0, 3));
      assertEquals("200", answer(proxy.address(), "/?h=app.test").substring(0, 3));
      assertEquals(List.of("app.test"), List.copyOf(names.asked()));
      assertEquals(1, origin.accepted());
    }
  }

  /** It waits for the name server; then all of it is sent. */
  @Test
  void aBodyThatComesBeforeTheAddressIsNotLost() throws Exception {
    try (Origin origin = Origin.answering((serial, request) -> Origin.ok(request.body()));
        NameServer names = new NameServer("app.test");
        TestProxy proxy =
            TestProxy.configured(
                text(RESOLVER + " location / { proxy_pass http://$arg_h:PORT; }", origin, names));
        Wire client = proxy.connect()) {
      String body = "0123456789".repeat(20_000);
      client.send(
          "POST /?h=app.test HTTP/1.1\nHost: a\nContent-Length: " + body.length() + "\n\n" + body);
      assertEquals(body, client.message().body());
    }
  }

  @Test
  void aClientThatGoesAwayBeforeTheAddressIsThereLeavesNothing() throws Exception {
    try (Origin origin = origin();
        NameServer names = new NameServer("app.test");
        TestProxy proxy =
            TestProxy.configured(
                text(
                    "resolver 127.0.0.1:DNS ipv6=off; resolver_timeout 1s; location / { proxy_pass"
                        + " http://$arg_h:PORT; }",
                    origin,
                    names))) {
      try (Wire client = proxy.connect()) {
        client.send("GET /?h=silent.test HTTP/1.1\nHost: a\n\n");
        TestProxy.await("asked", () -> !names.asked().isEmpty());
      }
      TestProxy.await("gone", () -> proxy.clientCount() == 0);
      assertEquals("502", answer(proxy.address(), "/?h=silent.test"));
      assertEquals(0, origin.accepted());
    }
  }

  /** nginx sends what a variable has decoded; here it is no request. */
  @Test
  void noVariableEndsTheRequestLine() throws Exception {
    try (Origin origin = origin();
        NameServer names = new NameServer("app.test");
        TestProxy proxy =
            TestProxy.configured(text("location / { proxy_pass http://up$uri; }", origin, names))) {
      assertEquals("200 /a up", answer(proxy.address(), "/a"));
      assertEquals("500", answer(proxy.address(), "/a%20b"));
      assertEquals("500", answer(proxy.address(), "/a%0d%0aX:%20y"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "resolver a.invalid; ~ host not found in resolver \"a.invalid\"",
        "resolver 127.0.0.1:x; ~ invalid port in resolver \"127.0.0.1:x\"",
        "resolver 127.0.0.1 valid=x; ~ invalid parameter: valid=x",
        "resolver 127.0.0.1 ipv6=x; ~ invalid parameter: ipv6=x",
        "resolver valid=3s; ~ no name servers defined",
        "resolver_timeout x; ~ \"resolver_timeout\" directive invalid value",
        "proxy_pass http://$nope; ~ unknown \"nope\" variable",
        "proxy_pass http://$arg_x$; ~ invalid variable name"
      })
  void aMistakeIsTold(String directives, String message) {
    String pass = directives.startsWith("proxy_pass") ? "" : "proxy_pass http://$arg_h;";
    String text = "http { server { location / { %s %s } } }".formatted(directives, pass);
    ConfigException e =
        assertThrows(ConfigException.class, () -> ProxyConfig.parse("nginx.conf", text));
    assertEquals(message + " in nginx.conf:1", e.getMessage());
  }
}
