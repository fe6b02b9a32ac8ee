package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Upstreams that are asked with {@code https}. */
@ExtendWith(LeakCheck.class)
@Timeout(120)
class UpstreamTlsTest {
  @TempDir private static Path dir;
  private static TestTls tls;

  @BeforeAll
  static void makeCertificates() throws Exception {
    tls = TestTls.in(dir);
  }

  /** Shows the certificate of a.test, tells what it was told, and closes after each answer. */
  private static Origin closing() throws Exception {
    SSLContext context = tls.context("a");
    return Origin.scripted(
        (serial, accepted) -> {
          long now = System.currentTimeMillis();
          try (SSLSocket socket = TestTls.accept(context, accepted);
              Wire wire = new Wire(socket)) {
            wire.message();
            boolean resumed = socket.getSession().getCreationTime() < now;
            wire.send(
                Origin.ok(name(socket) + (resumed ? " resumed " : " new ") + certified(socket)));
          }
        });
  }

  private static String name(SSLSocket socket) {
    List<SNIServerName> names =
        ((ExtendedSSLSession) socket.getSession()).getRequestedServerNames();
    return names.isEmpty() ? "unnamed" : ((SNIHostName) names.get(0)).getAsciiName();
  }

  private static String certified(SSLSocket socket) {
    return socket.getSession().getProtocol();
  }

  private static String configuration(Origin origin, String directives) {
    String protocols =
        directives.startsWith("proxy_ssl_protocols") ? "" : "proxy_ssl_protocols TLSv1.2 TLSv1.3;";
    return ("http { %s upstream a.test { server 127.0.0.1:%d; } upstream my_app { server"
            + " 127.0.0.1:%d; } server { listen 127.0.0.1:0; %s } }")
        .formatted(protocols, origin.port(), origin.port(), directives);
  }

  /** Status and body of some requests; the next comes when the first one's connection is gone. */
  private static String answers(InetSocketAddress address, int count, Callable<Boolean> isGone)
      throws Exception {
    StringBuilder answers = new StringBuilder();
    for (int i = 0; i < count; i++) {
      try (Wire client = Wire.connect(address)) {
        Wire.Message answer = client.get("/?n=b.test");
        answers.append(answer.start().substring(9, 12)).append(' ');
        answers.append(answer.start().contains("200") ? answer.body() : "").append(", ");
      }
      TestProxy.await("gone", isGone);
    }
    return answers.toString();
  }

  @ParameterizedTest
  @CsvSource({
    "'location / { proxy_pass https://a.test; }', unnamed",
    "'location / { proxy_pass https://a.test; proxy_ssl_server_name on; }', a.test",
    "'location / { proxy_pass https://a.test; proxy_ssl_server_name on; proxy_ssl_name x.test:81;"
        + " }', x.test",
    "'location / { proxy_pass https://a.test; proxy_ssl_server_name on; proxy_ssl_name $arg_n; }',"
        + " b.test",
    "'location / { proxy_pass https://127.0.0.1:PORT; proxy_ssl_server_name on; }', unnamed",
    "'location / { proxy_pass https://a.test; proxy_ssl_session_reuse off; }', unnamed",
    "'location / { proxy_pass https://a.test; proxy_ssl_protocols TLSv1.2; }', unnamed",
    "'proxy_ssl_verify on; proxy_ssl_trusted_certificate a.crt; location / { proxy_pass"
        + " https://a.test; }', unnamed",
    "'proxy_ssl_verify on; proxy_ssl_trusted_certificate a.crt; location / { proxy_pass"
        + " https://my_app; proxy_ssl_name a.test; proxy_ssl_session_reuse off; }', unnamed",
    "'proxy_ssl_verify on; proxy_ssl_trusted_certificate a.crt; location / { proxy_pass"
        + " https://my_app; }', 502",
    "'proxy_ssl_verify on; proxy_ssl_trusted_certificate a.crt; location / { proxy_pass"
        + " https://a.test; proxy_ssl_name $arg_n; }', 502",
    "'proxy_ssl_verify on; proxy_ssl_trusted_certificate b.crt; location / { proxy_pass"
        + " https://a.test; }', 502"
  })
  void anUpstreamIsCalledAndVerifiedAsByNginx(String directives, String expected) throws Exception {
    try (Origin origin = closing()) {
      String text =
          configuration(origin, directives.replace("PORT", String.valueOf(origin.port())));
      String seen;
      try (TestProxy proxy = TestProxy.configured(ProxyConfig.parse(dir + "/nginx.conf", text))) {
        seen = answers(proxy.address(), 2, () -> proxy.open() == 0);
      }
      assertEquals(expected, seen.split(" ", 3)[expected.equals("502") ? 0 : 1]);
      RealNginx.assumeInstalled();
      try (RealNginx nginx = RealNginx.like(dir, text)) {
        assertEquals(answers(nginx.address(), 2, () -> true), seen);
      }
    }
  }

  /** Which connections served three requests, and how many are parked then. */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aConnectionIsUsedAgainUntilTheUpstreamEndsTls(String protocol) throws Exception {
    SSLContext context = tls.context("a");
    Semaphore end = new Semaphore(0);
    try (Origin origin =
            Origin.scripted(
                (serial, accepted) -> {
                  try (SSLSocket socket = TestTls.accept(context, accepted);
                      Wire wire = new Wire(socket)) {
                    wire.message();
                    wire.send(Origin.ok(socket.getSession().getProtocol() + " " + serial));
                    wire.message();
                    wire.send(Origin.ok(socket.getSession().getProtocol() + " " + serial));
                    end.acquire();
                  }
                  // TLS has ended, the connection has not.
                  accepted.in().read();
                });
        TestProxy proxy =
            TestProxy.configured(
                configuration(
                    origin,
                    "proxy_ssl_protocols %s; location / { proxy_pass https://a.test; }"
                        .formatted(protocol)));
        Wire client = proxy.connect()) {
      assertEquals(protocol + " 1", client.get("/").body());
      assertEquals(protocol + " 1", client.get("/").body());
      assertEquals(1, proxy.parked());
      end.release();
      TestProxy.await("gone", () -> proxy.open() == 0);
      assertEquals(protocol + " 2", client.get("/").body());
    }
  }

  @Test
  void connectionsWithOtherNamesAndWithoutTlsAreNotMixed() throws Exception {
    SSLContext context = tls.context("a");
    try (Origin origin =
            Origin.scripted(
                (serial, accepted) -> {
                  try (SSLSocket socket = TestTls.accept(context, accepted);
                      Wire wire = new Wire(socket)) {
                    while (true) {
                      wire.message();
                      wire.send(Origin.ok(serial + " " + name(socket)));
                    }
                  }
                });
        TestProxy proxy =
            TestProxy.configured(
                configuration(
                    origin,
                    "proxy_ssl_server_name on; location / { proxy_pass https://a.test;"
                        + " proxy_ssl_name $arg_n; } location /b { proxy_pass https://a.test; }"
                        + " location /plain { proxy_pass http://a.test; }"));
        Wire client = proxy.connect()) {
      assertEquals("1 x.test", client.get("/?n=x.test").body());
      assertEquals("2 y.test", client.get("/?n=y.test").body());
      assertEquals("1 x.test", client.get("/?n=x.test").body());
      assertEquals("3 a.test", client.get("/b").body());
      assertEquals("HTTP/1.1 502 Bad Gateway", client.get("/plain").start());
      assertEquals("3 a.test", client.get("/b").body());
    }
  }

  /** Who does not answer the handshake, answers it with something else, or ends the connection. */
  @ParameterizedTest
  @CsvSource({"'', 504", "'HTTP/1.1 200 OK\n\n', 502", "END, 502"})
  void aHandshakeThatFailsIsTheGatewaysFault(String said, int status) throws Exception {
    try (Origin origin =
        Origin.scripted(
            (serial, accepted) -> {
              if (!said.equals("END")) {
                accepted.send(said.replace("\\n", "\n"));
                accepted.rest();
              }
            })) {
      String text =
          configuration(
              origin, "proxy_connect_timeout 1s; location / { proxy_pass https://a.test; }");
      try (TestProxy proxy = TestProxy.configured(text)) {
        String seen = answers(proxy.address(), 1, () -> proxy.open() == 0);
        assertEquals(status + " , ", seen);
      }
      RealNginx.assumeInstalled();
      try (RealNginx nginx = RealNginx.like(dir, text)) {
        assertEquals(status + " , ", answers(nginx.address(), 1, () -> true));
      }
    }
  }

  /** Not a name that the JDK would send, or take. */
  @Test
  void aNameWithAnUnderscoreIsSentToo() throws Exception {
    BlockingQueue<String> hellos = new LinkedBlockingQueue<>();
    try (Origin origin =
            Origin.scripted(
                (serial, accepted) -> {
                  accepted.in().skipNBytes(3);
                  int length = accepted.in().read() << 8 | accepted.in().read();
                  hellos.add(accepted.text(length));
                });
        TestProxy proxy =
            TestProxy.configured(
                configuration(
                    origin,
                    "proxy_ssl_server_name on; location / { proxy_pass https://my_app; }"));
        Wire client = proxy.connect()) {
      assertEquals("HTTP/1.1 502 Bad Gateway", client.get("/").start());
      String hello = String.valueOf(hellos.poll(Wire.PATIENCE_SECONDS, TimeUnit.SECONDS));
      assertTrue(hello.contains("my_app"), hello);
    }
  }

  @Test
  void theUpstreamSeesTheCertificateOfTheLocation() throws Exception {
    SSLContext context = tls.context("a");
    try (Origin origin =
        Origin.scripted(
            (serial, accepted) -> {
              try (SSLSocket socket = TestTls.accept(context, accepted, true);
                  Wire wire = new Wire(socket)) {
                wire.message();
                wire.send(Origin.ok(socket.getSession().getPeerPrincipal().getName()));
              }
            })) {
      String text =
          configuration(
              origin,
              "location / { proxy_pass https://a.test; proxy_ssl_certificate b.crt;"
                  + " proxy_ssl_certificate_key b.key; } location /none { proxy_pass"
                  + " https://a.test; }");
      try (TestProxy proxy = TestProxy.configured(ProxyConfig.parse(dir + "/nginx.conf", text));
          Wire client = proxy.connect()) {
        assertEquals("CN=b", client.get("/").body());
        assertEquals("HTTP/1.1 502 Bad Gateway", client.get("/none").start());
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "proxy_ssl_verify on; ~ no proxy_ssl_trusted_certificate for proxy_ssl_verify",
        "proxy_ssl_verify maybe; ~ invalid value \"maybe\" in \"proxy_ssl_verify\" directive, it"
            + " must be \"on\" or \"off\" in nginx.conf:1",
        "proxy_ssl_verify_depth x; ~ \"proxy_ssl_verify_depth\" directive invalid number in"
            + " nginx.conf:1",
        "proxy_ssl_certificate a.crt; ~ no \"proxy_ssl_certificate_key\" is defined for certificate"
            + " \"a.crt\"",
        "proxy_ssl_protocols TLSv1.4; ~ invalid value \"TLSv1.4\" in nginx.conf:1",
        "proxy_ssl_name $nope; ~ unknown \"nope\" variable in nginx.conf:1",
      })
  void aMistakeIsTold(String directives, String message) {
    String text =
        "http { server { location / { proxy_pass https://127.0.0.1; %s } } }".formatted(directives);
    ConfigException e =
        assertThrows(ConfigException.class, () -> ProxyConfig.parse("nginx.conf", text));
    assertEquals(message, e.getMessage());
  }

  @Test
  void trustedCertificatesThatAreNoneAreAMistake() {
    String text =
        "http { proxy_ssl_verify on; proxy_ssl_trusted_certificate a.key; server { location / {"
            + " proxy_pass https://127.0.0.1; } } }";
    ConfigException e =
        assertThrows(ConfigException.class, () -> ProxyConfig.parse(dir + "/nginx.conf", text));
    String start = "SSL_CTX_load_verify_locations(\"" + dir.resolve("a.key") + "\") failed (";
    assertTrue(String.valueOf(e.getMessage()).startsWith(start), e.getMessage());
  }
}
