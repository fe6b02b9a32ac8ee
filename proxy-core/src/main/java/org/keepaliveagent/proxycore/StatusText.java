package org.keepaliveagent.proxycore;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Map;

/** The words that go with the statuses of answers from here, as nginx has them. */
final class StatusText {
  private static final Map<Integer, String> WORDS =
      Map.ofEntries(
          Map.entry(200, "OK"),
          Map.entry(201, "Created"),
          Map.entry(202, "Accepted"),
          Map.entry(204, "No Content"),
          Map.entry(206, "Partial Content"),
          Map.entry(301, "Moved Permanently"),
          Map.entry(302, "Moved Temporarily"),
          Map.entry(303, "See Other"),
          Map.entry(304, "Not Modified"),
          Map.entry(307, "Temporary Redirect"),
          Map.entry(308, "Permanent Redirect"),
          Map.entry(400, "Bad Request"),
          Map.entry(401, "Unauthorized"),
          Map.entry(402, "Payment Required"),
          Map.entry(403, "Forbidden"),
          Map.entry(404, "Not Found"),
          Map.entry(405, "Not Allowed"),
          Map.entry(406, "Not Acceptable"),
          Map.entry(408, "Request Time-out"),
          Map.entry(409, "Conflict"),
          Map.entry(410, "Gone"),
          Map.entry(411, "Length Required"),
          Map.entry(412, "Precondition Failed"),
          Map.entry(413, "Request Entity Too Large"),
          Map.entry(414, "Request-URI Too Large"),
          Map.entry(415, "Unsupported Media Type"),
          Map.entry(416, "Requested Range Not Satisfiable"),
          Map.entry(421, "Misdirected Request"),
          Map.entry(429, "Too Many Requests"),
          Map.entry(500, "Internal Server Error"),
          Map.entry(501, "Not Implemented"),
          Map.entry(502, "Bad Gateway"),
          Map.entry(503, "Service Temporarily Unavailable"),
          Map.entry(504, "Gateway Time-out"),
          Map.entry(505, "HTTP Version Not Supported"),
          Map.entry(507, "Insufficient Storage"));

  private StatusText() {}

  static HttpResponseStatus of(int code) {
    return new HttpResponseStatus(code, WORDS.getOrDefault(code, ""));
  }

  /** The title of the built-in page for a code, empty when there is none. */
  static String title(int code) {
    return switch (code) {
      case 302 -> "302 Found";
      case 401 -> "401 Authorization Required";
      case 304 -> "";
      default -> code < 300 || !WORDS.containsKey(code) ? "" : code + " " + WORDS.get(code);
    };
  }
}
