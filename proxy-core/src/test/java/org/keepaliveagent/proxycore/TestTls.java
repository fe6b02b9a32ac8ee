package org.keepaliveagent.proxycore;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Two certificates, made with the JDK's keytool: of {@code a.test} (RSA) and {@code b.test} (EC).
 */
final class TestTls {
  private static final char[] PASSWORD = "changeit".toCharArray();

  /** keytool takes its time: once for each JVM. */
  private static @Nullable KeyStore made;

  private final Path dir;
  private final KeyStore keys;

  private TestTls(Path dir, KeyStore keys) {
    this.dir = dir;
    this.keys = keys;
  }

  /** Writes {@code a.crt}, {@code a.key}, {@code b.crt} and {@code b.key} into a folder. */
  static TestTls in(Path dir) throws Exception {
    TestTls tls = new TestTls(dir, keys(dir.resolve("keys.p12")));
    for (String name : List.of("a", "b")) {
      tls.write(name + ".crt", "CERTIFICATE", tls.certificate(name).getEncoded());
      tls.write(name + ".key", "PRIVATE KEY", tls.key(name).getEncoded());
    }
    return tls;
  }

  private static synchronized KeyStore keys(Path file) throws Exception {
    if (made == null) {
      for (String name : List.of("a", "b")) {
        generate(file, name, name.equals("a") ? "RSA" : "EC");
      }
      KeyStore keys = KeyStore.getInstance("PKCS12");
      try (InputStream in = Files.newInputStream(file)) {
        keys.load(in, PASSWORD);
      }
      made = keys;
    }
    return made;
  }

  private static void generate(Path file, String name, String algorithm) throws Exception {
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                algorithm,
                algorithm.equals("EC") ? "-groupname" : "-keysize",
                algorithm.equals("EC") ? "secp256r1" : "2048",
                "-dname",
                "CN=" + name,
                "-ext",
                "SAN=dns:" + name + ".test",
                "-storetype",
                "PKCS12",
                "-storepass",
                new String(PASSWORD),
                "-keystore",
                file.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
      throw new IOException("keytool: " + said);
    }
  }

  PrivateKey key(String name) throws GeneralSecurityException {
    return (PrivateKey) keys.getKey(name, PASSWORD);
  }

  Certificate certificate(String name) throws GeneralSecurityException {
    return keys.getCertificate(name);
  }

  Path write(String file, String type, byte[] der) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return Files.writeString(
        dir.resolve(file),
        "-----BEGIN %s-----%n%s%n-----END %s-----%n".formatted(type, text, type));
  }

  /** Directives of a server that shows one of the certificates. */
  String shown(String name) {
    return "ssl_certificate %s/%s.crt; ssl_certificate_key %s/%s.key;"
        .formatted(dir, name, dir, name);
  }

  /** Shows one of the certificates, and trusts both. */
  SSLContext context(String name) throws Exception {
    KeyStore own = KeyStore.getInstance("PKCS12");
    own.load(null, null);
    own.setKeyEntry(name, key(name), PASSWORD, new Certificate[] {certificate(name)});
    KeyManagerFactory shown = KeyManagerFactory.getInstance("PKIX");
    shown.init(own, PASSWORD);
    KeyStore known = KeyStore.getInstance("PKCS12");
    known.load(null, null);
    known.setCertificateEntry("a", certificate("a"));
    known.setCertificateEntry("b", certificate("b"));
    TrustManagerFactory trusted = TrustManagerFactory.getInstance("PKIX");
    trusted.init(known);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(shown.getKeyManagers(), trusted.getTrustManagers(), null);
    return context;
  }

  /**
   * Connects as a client.
   *
   * @param name that the server is called by, empty for none
   */
  static SSLSocket connect(SSLContext context, int port, String name, String... protocols)
      throws IOException {
    SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port);
    socket.setSoTimeout(Wire.PATIENCE_SECONDS * 1000);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setServerNames(name.isEmpty() ? List.of() : List.of(new SNIHostName(name)));
    if (protocols.length > 0) {
      parameters.setProtocols(protocols);
    }
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }

  /** Encrypts what an origin has accepted; the end of one is not the end of the other. */
  static SSLSocket accept(SSLContext context, Wire accepted) throws IOException {
    return accept(context, accepted, false);
  }

  /** The same, perhaps only from clients that show a certificate. */
  static SSLSocket accept(SSLContext context, Wire accepted, boolean certified) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            context.getSocketFactory().createSocket(accepted.socket(), "127.0.0.1", 0, false);
    socket.setUseClientMode(false);
    socket.setNeedClientAuth(certified);
    socket.startHandshake();
    return socket;
  }
}
