package org.keepaliveagent.smoke;

import java.net.URI;

/** A client of the JDK. */
interface SmokeClient {
  /** Sends a request, with a small body if the method has one; the status of its answer. */
  int send(URI to, String method, String traceparent) throws Exception;
}
