package org.keepaliveagent.proxycore;

import org.jspecify.annotations.Nullable;

/** A variable of the configuration. */
interface Variable {
  /** Its value for a request, its bytes the characters up to 255; null when it has none. */
  @Nullable String of(ClientRequest request);
}
