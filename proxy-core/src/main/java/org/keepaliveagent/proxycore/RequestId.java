package org.keepaliveagent.proxycore;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Numbers that tell requests apart (nginx: {@code $request_id}). */
final class RequestId {
  private static final HexFormat HEX = HexFormat.of();

  private RequestId() {}

  static String next() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return HEX.toHexDigits(random.nextLong()) + HEX.toHexDigits(random.nextLong());
  }
}
