package org.keepaliveagent.policy;

import java.util.Locale;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLSession;

/**
 * Tells resumed TLS sessions from new ones by a mark of our own: the values bound to a session go
 * with it when it is resumed, in TLS 1.2 and 1.3.
 */
final class TlsSessions {
  private static final String MARK = "org.keepaliveagent.seen";

  private TlsSessions() {}

  /** Whether the session was there in an earlier handshake; marks it. */
  static boolean wasSeen(SSLSession session) {
    if (session.getValue(MARK) != null) {
      return true;
    }
    session.putValue(MARK, MARK);
    return false;
  }

  /** Whether the client named no server though it knows a name that can be sent (RFC 6066, 3). */
  static boolean isUnnamed(SSLSession session, String host) {
    return session instanceof ExtendedSSLSession
        && ((ExtendedSSLSession) session).getRequestedServerNames().isEmpty()
        && host.indexOf('.') > 0
        && IpAddress.parse(host.toLowerCase(Locale.ROOT)) == null;
  }
}
