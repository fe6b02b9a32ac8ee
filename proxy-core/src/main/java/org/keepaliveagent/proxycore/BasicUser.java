package org.keepaliveagent.proxycore;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** The user that an {@code Authorization: Basic} header names. */
final class BasicUser {
  private static final String SCHEME = "Basic ";

  private BasicUser() {}

  /** Null when it names none. */
  static @Nullable String of(@Nullable String authorization) {
    if (authorization == null
        || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return null;
    }
    String encoded = authorization.substring(SCHEME.length()).strip();
    try {
      byte[] decoded = Base64.getDecoder().decode(encoded);
      String user = new String(decoded, StandardCharsets.ISO_8859_1);
      int colon = user.indexOf(':');
      return colon <= 0 ? null : user.substring(0, colon);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
