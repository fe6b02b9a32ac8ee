package org.keepaliveagent.proxycore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clients that encrypt. */
@ExtendWith(LeakCheck.class)
@Timeout(120)
class ServerTlsTest {
  @TempDir private static Path dir;
  private static TestTls tls;

  @BeforeAll
  static void makeCertificates() throws Exception {
    tls = TestTls.in(dir);
  }

  private static String two(String answer) {
    return "http { ssl_protocols TLSv1.2 TLSv1.3; server { listen 127.0.0.1:0 ssl; server_name a.test; %s return 200 \"a %s\"; }"
            .formatted(tls.shown("a"), answer)
        + " server { listen 127.0.0.1:0 ssl; server_name *.b.test b.test; %s return 200 \"b %s\"; } }"
            .formatted(tls.shown("b"), answer);
  }

  /** [0] with the name of secp256r1. */
  private static final String CURVE = "a00a06082a8648ce3d030107";

  private static final String VARIABLES =
      "$scheme $https $ssl_server_name $ssl_session_reused $ssl_protocol $ssl_cipher";

  /** The name in the certificate that is shown, and the answer to a request. */
  private static String shown(
      SSLContext client, int port, String name, String host, String... protocols) throws Exception {
    try (SSLSocket socket = TestTls.connect(client, port, name, protocols);
        Wire wire = new Wire(socket)) {
      X509Certificate shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      Wire.Message answer = wire.send("GET / HTTP/1.1\nHost: " + host + "\n\n").message();
      return shown.getSubjectX500Principal().getName() + ": " + answer.body();
    }
  }

  /** What clients of all kinds see; each asks twice, the second time it can resume its session. */
  private static List<String> seen(InetSocketAddress address) throws Exception {
    List<String> seen = new ArrayList<>();
    for (String protocol : List.of("TLSv1.2", "TLSv1.3")) {
      for (String name : List.of("", "x.b.test", "other.test")) {
        SSLContext client = tls.context("a");
        seen.add(shown(client, address.getPort(), name, "b.test", protocol));
        seen.add(shown(client, address.getPort(), name, "a.test", protocol));
      }
    }
    return seen;
  }

  @Test
  void theServerThatIsNamedShowsItsCertificate() throws Exception {
    try (TestProxy proxy = TestProxy.configured(two("$ssl_server_name"))) {
      int port = proxy.address().getPort();
      // Each by a context of its own: the JDK's clients name whom they named before.
      assertEquals("CN=a: a a.test", shown(tls.context("a"), port, "a.test", "a.test"));
      assertEquals("CN=b: b b.test", shown(tls.context("a"), port, "b.test", "b.test"));
      assertEquals("CN=b: b x.b.test", shown(tls.context("a"), port, "x.b.test", "b.test"));
      assertEquals("CN=a: a ", shown(tls.context("a"), port, "", "a.test"));
      assertEquals("CN=a: a other.test", shown(tls.context("a"), port, "other.test", "none"));
      // Which server answers is the host's choice, as ever.
      assertEquals("CN=b: a b.test", shown(tls.context("a"), port, "b.test", "a.test"));
    }
  }

  @Test
  void clientsSeeWhatTheySeeOfNginx() throws Exception {
    RealNginx.assumeInstalled();
    String text = two(VARIABLES);
    try (RealNginx nginx = RealNginx.like(dir, text);
        TestProxy proxy = TestProxy.configured(text)) {
      assertEquals(seen(nginx.address()), seen(proxy.address()));
    }
  }

  @Test
  void onlyTheProtocolsOfTheServerAreSpoken() throws Exception {
    String text =
        "http { ssl_protocols TLSv1.1 TLSv1.2; server { listen 127.0.0.1:0 ssl; %s return 200 $ssl_protocol; } }"
            .formatted(tls.shown("a"));
    try (TestProxy proxy = TestProxy.configured(text)) {
      int port = proxy.address().getPort();
      assertEquals("CN=a: TLSv1.2", shown(tls.context("a"), port, "", "a"));
      assertThrows(SSLException.class, () -> shown(tls.context("a"), port, "", "a", "TLSv1.3"));
    }
  }

  @Test
  void withoutEncryptionTheAnswerIs400() throws Exception {
    String text = two("");
    try (TestProxy proxy = TestProxy.configured(text);
        Wire client = proxy.connect()) {
      assertEquals("HTTP/1.1 400 Bad Request", client.get("/").start());
      assertEquals("", client.rest());
    }
  }

  @Test
  void anOriginIsReachedAndABigBodyComesBackWhole() throws Exception {
    String body = "0123456789".repeat(20_000);
    try (Origin origin = Origin.answering((serial, request) -> Origin.ok(request.body()));
        TestProxy proxy =
            TestProxy.configured(
                "http { server { listen 127.0.0.1:0 ssl; %s location / { proxy_pass http://127.0.0.1:%d; } } }"
                    .formatted(tls.shown("a"), origin.port()));
        Wire client = new Wire(TestTls.connect(tls.context("a"), proxy.address().getPort(), ""))) {
      for (int i = 0; i < 2; i++) {
        client.send("POST / HTTP/1.1\nHost: a\nContent-Length: " + body.length() + "\n\n" + body);
        assertEquals(body, client.message().body());
      }
    }
  }

  @Test
  void aRedirectionStaysEncrypted() throws Exception {
    String text =
        "http { server { listen 127.0.0.1:0 ssl; %s return 301 /x; } }".formatted(tls.shown("a"));
    try (TestProxy proxy = TestProxy.configured(text);
        Wire client = new Wire(TestTls.connect(tls.context("a"), proxy.address().getPort(), ""))) {
      assertEquals(
          "https://a:" + proxy.address().getPort() + "/x",
          client.send("GET / HTTP/1.1\nHost: a\n\n").message().header("Location"));
    }
  }

  @Test
  void keysOfOldToolsAreRead() throws Exception {
    byte[] rsa = tls.key("a").getEncoded();
    tls.write("pkcs1.key", "RSA PRIVATE KEY", Arrays.copyOfRange(rsa, 26, rsa.length));
    byte[] ec = HexFormat.of().parseHex("303102010104" + "20" + "00".repeat(32) + CURVE);
    byte[] number = ((ECPrivateKey) tls.key("b")).getS().toByteArray();
    int length = Math.min(number.length, 32);
    System.arraycopy(number, number.length - length, ec, 39 - length, length);
    tls.write("sec1.key", "EC PRIVATE KEY", ec);
    // A key that is not the certificate's is an error.
    read("a.crt", "pkcs1.key");
    read("b.crt", "sec1.key");
  }

  private static ProxyConfig read(String certificate, String key) throws ConfigException {
    return ProxyConfig.parse(
        dir + "/nginx.conf",
        "http { server { listen 127.0.0.1:0 ssl; ssl_certificate %s; ssl_certificate_key %s; } }"
            .formatted(certificate, key));
  }

  @ParameterizedTest
  @CsvSource({
    "none, a.key, 'cannot load certificate \"DIR/none\": BIO_new_file() failed ('",
    "a.crt, none, 'cannot load certificate key \"DIR/none\": BIO_new_file() failed ('",
    "a.key, a.key, 'cannot load certificate \"DIR/a.key\": PEM_read_bio_X509_AUX() failed ('",
    "a.crt, a.crt, 'cannot load certificate key \"DIR/a.crt\": PEM_read_bio_PrivateKey() failed ('",
    "a.crt, b.key, 'SSL_CTX_use_PrivateKey(\"DIR/b.key\") failed (key values mismatch)'"
  })
  void aFileThatCannotBeUsedIsToldInNginxsWords(String certificate, String key, String message) {
    ConfigException e = assertThrows(ConfigException.class, () -> read(certificate, key));
    String start = message.replace("DIR", dir.toString());
    assertTrue(String.valueOf(e.getMessage()).startsWith(start), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "listen 443 ssl; ~ no \"ssl_certificate\" is defined for the \"listen ... ssl\" directive"
            + " in nginx.conf:1",
        "listen 443 ssl; ssl_certificate_key a.key; ~ no \"ssl_certificate\" is defined for the"
            + " \"listen ... ssl\" directive in nginx.conf:1",
        "listen 443; ssl_certificate a.crt; ~ no \"ssl_certificate_key\" is defined for certificate"
            + " \"a.crt\"",
        "ssl_protocols TLSv1.4; ~ invalid value \"TLSv1.4\" in nginx.conf:1",
        "ssl_protocols TLSv1; ~ no protocol of TLSv1.2 and TLSv1.3 in \"ssl_protocols\" directive"
            + " in nginx.conf:1",
        "ssl_session_cache x; ~ invalid session cache \"x\" in nginx.conf:1",
        "ssl_session_cache shared::1m; ~ invalid session cache \"shared::1m\" in nginx.conf:1",
        "ssl_session_cache builtin:x; ~ invalid session cache \"builtin:x\" in nginx.conf:1",
        "ssl_session_cache shared:a:1k; ~ session cache \"shared:a:1k\" is too small in"
            + " nginx.conf:1",
        "ssl_session_timeout x; ~ \"ssl_session_timeout\" directive invalid value in nginx.conf:1"
      })
  void aMistakeIsTold(String directives, String message) {
    ConfigException e =
        assertThrows(
            ConfigException.class,
            () -> ProxyConfig.parse("nginx.conf", "http { server { %s } }".formatted(directives)));
    assertEquals(message, e.getMessage());
  }

  @Test
  void whatIsOnlyCheckedIsAccepted() throws Exception {
    ProxyConfig.parse(
        "nginx.conf",
        "http { ssl_session_cache builtin:10 shared:SSL:10m; ssl_session_timeout 1d; server {"
            + " ssl_session_cache off; ssl_protocols TLSv1.2 TLSv1.3; } }");
  }
}
