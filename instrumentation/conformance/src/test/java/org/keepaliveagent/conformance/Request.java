package org.keepaliveagent.conformance;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the reference client is asked to send: an exchange, over all its attempts. */
final class Request {
  final String method;
  final boolean http10;
  final Map<String, String> headers;
  final String body;
  final boolean replayable;

  /** Whether a byte of a response has come back to the attempt that is made. */
  boolean answered;

  Request(
      String method,
      boolean http10,
      Map<String, String> headers,
      @Nullable String body,
      boolean replayable) {
    this.method = method;
    this.http10 = http10;
    this.headers = new LinkedHashMap<>(headers);
    this.body = body == null ? "" : body;
    this.replayable = replayable;
    if (body != null) {
      this.headers.put("Content-Length", String.valueOf(body.length()));
    }
  }

  @Nullable String header(String name) {
    for (Map.Entry<String, String> header : headers.entrySet()) {
      if (header.getKey().toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT))) {
        return header.getValue();
      }
    }
    return null;
  }
}
