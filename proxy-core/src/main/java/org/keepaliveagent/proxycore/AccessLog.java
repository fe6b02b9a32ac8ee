package org.keepaliveagent.proxycore;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A file in which each request has a line: {@code access_log}. */
record AccessLog(Path file, LogFormat format) {
  /** The line of a request that is over. */
  byte[] line(ClientRequest request) {
    return (format.template().text(request) + "\n").getBytes(StandardCharsets.ISO_8859_1);
  }
}
