package org.keepaliveagent.proxycore;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Certificates and private keys of PEM files.
 *
 * <p>The JDK reads keys as PKCS #8 only: those that older tools write (PKCS #1 for RSA, SEC 1 for
 * elliptic curves) are wrapped into that. Encrypted ones are refused.
 */
final class Pem {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]+)-----END \\1-----");

  private static final byte[] VERSION_0 = {2, 1, 0};
  private static final byte[] RSA = {
    6, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 1, 5, 0
  };
  private static final byte[] EC = {6, 7, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 2, 1};
  private static final int SEQUENCE = 0x30;
  private static final int OCTET_STRING = 4;

  private record Block(String type, String text) {
    byte[] bytes() {
      return Base64.getMimeDecoder().decode(text);
    }
  }

  private Pem() {}

  /**
   * All certificates of a file, in its order.
   *
   * @throws IOException when it cannot be read
   * @throws GeneralSecurityException when one is none, or there is none
   */
  static List<X509Certificate> certificates(Path file)
      throws IOException, GeneralSecurityException {
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    List<X509Certificate> certificates = new ArrayList<>();
    for (Block block : blocks(file)) {
      if (block.type.equals("CERTIFICATE")) {
        certificates.add(
            (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.bytes())));
      }
    }
    if (certificates.isEmpty()) {
      throw new CertificateException("no certificate found");
    }
    return certificates;
  }

  /**
   * The first private key of a file.
   *
   * @throws IOException when it cannot be read
   * @throws GeneralSecurityException when there is none that can be used
   */
  static PrivateKey key(Path file) throws IOException, GeneralSecurityException {
    for (Block block : blocks(file)) {
      switch (block.type) {
        case "PRIVATE KEY" -> {
          return key(block.bytes());
        }
        case "RSA PRIVATE KEY" -> {
          return key(pkcs8(RSA, block.bytes()));
        }
        case "EC PRIVATE KEY" -> {
          byte[] key = block.bytes();
          return key(pkcs8(concat(EC, curve(key)), key));
        }
        case "ENCRYPTED PRIVATE KEY" ->
            throw new InvalidKeySpecException("encrypted keys are not supported");
        default -> {}
      }
    }
    throw new InvalidKeySpecException("no private key found");
  }

  private static PrivateKey key(byte[] pkcs8) throws GeneralSecurityException {
    for (String algorithm : List.of("RSA", "EC")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      } catch (InvalidKeySpecException e) {
        // Then it is one of the others.
      }
    }
    return KeyFactory.getInstance("EdDSA").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
  }

  private static List<Block> blocks(Path file) throws IOException {
    Matcher block = BLOCK.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
    List<Block> blocks = new ArrayList<>();
    while (block.find()) {
      blocks.add(new Block(block.group(1), block.group(2)));
    }
    return blocks;
  }

  private static byte[] pkcs8(byte[] algorithm, byte[] key) {
    return der(
        SEQUENCE, concat(VERSION_0, concat(der(SEQUENCE, algorithm), der(OCTET_STRING, key))));
  }

  /** The curve's name in a SEC 1 key: a sequence of 1, an octet string, [0] the name, … */
  private static byte[] curve(byte[] key) throws InvalidKeySpecException {
    int at = (key[1] & 0x80) == 0 ? 2 : 2 + (key[1] & 0x7f);
    at += 3;
    at += 2 + key[at + 1];
    if (at + 1 >= key.length || key[at] != (byte) 0xa0) {
      throw new InvalidKeySpecException("the key does not name its curve");
    }
    return Arrays.copyOfRange(key, at + 2, at + 2 + key[at + 1]);
  }

  private static byte[] der(int tag, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    if (content.length < 0x80) {
      out.write(content.length);
    } else {
      out.write(0x82);
      out.write(content.length >> 8);
      out.write(content.length);
    }
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static byte[] concat(byte[] start, byte[] rest) {
    byte[] all = Arrays.copyOf(start, start.length + rest.length);
    System.arraycopy(rest, 0, all, start.length, rest.length);
    return all;
  }
}
