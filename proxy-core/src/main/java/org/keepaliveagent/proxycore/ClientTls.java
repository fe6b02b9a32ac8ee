package org.keepaliveagent.proxycore;

import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLSession;

/**
 * What a client has agreed upon with this proxy, in the words of nginx's variables.
 *
 * @param acceptedMillis when its connection came
 */
record ClientTls(SSLSession session, long acceptedMillis) {
  String protocol() {
    return session.getProtocol();
  }

  /** {@code r} for a session that is older than the connection. */
  String sessionReused() {
    return session.getCreationTime() < acceptedMillis ? "r" : ".";
  }

  /** What the client has called this server, empty when it did not. */
  String serverName() {
    if (session instanceof ExtendedSSLSession extended) {
      List<SNIServerName> names = extended.getRequestedServerNames();
      if (!names.isEmpty() && names.get(0) instanceof SNIHostName name) {
        return name.getAsciiName();
      }
    }
    return "";
  }

  /** Of TLS 1.3 as the standard calls it, before that as OpenSSL does. */
  String cipher() {
    String suite = session.getCipherSuite();
    int with = suite.indexOf("_WITH_");
    if (with < 0) {
      return suite;
    }
    String exchange = suite.substring("TLS_".length(), with);
    String rest = suite.substring(with + "_WITH_".length());
    String cipher =
        rest.replace("CHACHA20_POLY1305_SHA256", "CHACHA20-POLY1305")
            .replace("AES_", "AES")
            .replace("_CBC", "");
    return ((exchange.equals("RSA") ? "" : exchange + "_") + cipher).replace('_', '-');
  }
}
