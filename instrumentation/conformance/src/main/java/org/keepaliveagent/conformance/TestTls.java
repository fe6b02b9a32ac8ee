package org.keepaliveagent.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate of 127.0.0.1, localhost and a name that has a dot, made with the JDK's keytool once
 * for each JVM, and contexts that present it and trust nothing else.
 */
public final class TestTls {
  /**
   * The JDK names no server in a handshake whose name has no dot. Found by {@code
   * jdk.net.hosts.file}.
   */
  static final String NAME = "upstream.test";

  private static final char[] PASSWORD = "changeit".toCharArray();

  private TestTls() {}

  /** A new context; its sessions are its own, so that clients do not resume each other's. */
  public static SSLContext context() {
    try {
      KeyStore keys = Keys.STORE;
      KeyManagerFactory own = KeyManagerFactory.getInstance("PKIX");
      own.init(keys, PASSWORD);
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      String alias = keys.aliases().nextElement();
      trusted.setCertificateEntry(alias, keys.getCertificate(alias));
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static final class Keys {
    static final KeyStore STORE = make();

    private static KeyStore make() {
      try {
        Path folder = Files.createTempDirectory("keepalive-tls");
        Path file = folder.resolve("keys.p12");
        try {
          Process keytool =
              new ProcessBuilder(
                      Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                      "-genkeypair",
                      "-keyalg",
                      "EC",
                      "-dname",
                      "CN=upstream",
                      "-ext",
                      "SAN=ip:127.0.0.1,dns:localhost,dns:" + NAME,
                      "-storetype",
                      "PKCS12",
                      "-storepass",
                      new String(PASSWORD),
                      "-keystore",
                      file.toString())
                  .inheritIO()
                  .start();
          if (!keytool.waitFor(60, TimeUnit.SECONDS)) {
            keytool.destroyForcibly();
          }
          if (keytool.exitValue() != 0) {
            throw new IllegalStateException("keytool: exit code " + keytool.exitValue());
          }
          KeyStore keys = KeyStore.getInstance("PKCS12");
          try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD);
          }
          return keys;
        } finally {
          Files.deleteIfExists(file);
          Files.delete(folder);
        }
      } catch (GeneralSecurityException | IOException e) {
        throw new IllegalStateException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }
}
