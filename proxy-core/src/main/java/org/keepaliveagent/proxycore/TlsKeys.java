package org.keepaliveagent.proxycore;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;

/** Who this proxy is, and whom it trusts, from the files that directives name. */
final class TlsKeys {
  private static final char[] NO_PASSWORD = {};

  private TlsKeys() {}

  /**
   * The certificates of some directives with their keys.
   *
   * @param keys has one for each at least
   */
  static KeyManagerFactory own(List<Directive> certificates, List<Directive> keys)
      throws ConfigException {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      for (int i = 0; i < certificates.size(); i++) {
        List<X509Certificate> chain = certificates(certificates.get(i));
        PrivateKey key = key(keys.get(i));
        if (!fits(key, chain.get(0).getPublicKey())) {
          throw new ConfigException(
              "SSL_CTX_use_PrivateKey(\"" + file(keys.get(i)) + "\") failed (key values mismatch)");
        }
        store.setKeyEntry("" + i, key, NO_PASSWORD, chain.toArray(Certificate[]::new));
      }
      KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
      factory.init(store, NO_PASSWORD);
      return factory;
    } catch (GeneralSecurityException | IOException e) {
      throw new ConfigException("the certificates cannot be used (" + e + ")");
    }
  }

  private static List<X509Certificate> certificates(Directive directive) throws ConfigException {
    String failed = "cannot load certificate \"" + file(directive) + "\": ";
    try {
      return Pem.certificates(file(directive));
    } catch (IOException e) {
      throw new ConfigException(failed + "BIO_new_file() failed (" + e + ")");
    } catch (GeneralSecurityException | RuntimeException e) {
      throw new ConfigException(failed + "PEM_read_bio_X509_AUX() failed (" + e + ")");
    }
  }

  private static PrivateKey key(Directive directive) throws ConfigException {
    String failed = "cannot load certificate key \"" + file(directive) + "\": ";
    try {
      return Pem.key(file(directive));
    } catch (IOException e) {
      throw new ConfigException(failed + "BIO_new_file() failed (" + e + ")");
    } catch (GeneralSecurityException | RuntimeException e) {
      throw new ConfigException(failed + "PEM_read_bio_PrivateKey() failed (" + e + ")");
    }
  }

  private static boolean fits(PrivateKey key, PublicKey certified) throws GeneralSecurityException {
    if (!key.getAlgorithm().equals(certified.getAlgorithm())) {
      return false;
    }
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> key.getAlgorithm();
        };
    Signature signing = Signature.getInstance(algorithm);
    signing.initSign(key);
    Signature verifying = Signature.getInstance(algorithm);
    verifying.initVerify(certified);
    return verifying.verify(signing.sign());
  }

  /**
   * Those whom the certificates of a file vouch for.
   *
   * @param depth how many certificates may be between theirs and one of the file's
   */
  static TrustManagerFactory trusted(Directive directive, int depth) throws ConfigException {
    String failed = "SSL_CTX_load_verify_locations(\"" + file(directive) + "\") failed (";
    try {
      Set<TrustAnchor> anchors = new HashSet<>();
      for (X509Certificate certificate : Pem.certificates(file(directive))) {
        anchors.add(new TrustAnchor(certificate, null));
      }
      PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, new X509CertSelector());
      parameters.setRevocationEnabled(false);
      parameters.setMaxPathLength(depth);
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(new CertPathTrustManagerParameters(parameters));
      return factory;
    } catch (GeneralSecurityException | IOException | RuntimeException e) {
      throw new ConfigException(failed + e + ")");
    }
  }

  /** The file that a directive names: beside the configuration file unless it is absolute. */
  private static Path file(Directive directive) {
    return Path.of(directive.file()).toAbsolutePath().resolveSibling(directive.arg(0));
  }
}
