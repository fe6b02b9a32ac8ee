package org.keepaliveagent.proxycore;

/**
 * What a request makes its answer depend on: {@code ngx_http_not_modified_filter}, with {@code
 * if_modified_since exact}.
 *
 * @param etag with its quotes
 * @param modified in seconds
 */
record Conditions(String etag, long modified) {

  /** Whether the client wants the file only as it is not. */
  boolean failed(ClientRequest request) {
    String since = request.headerText("if-unmodified-since");
    String match = request.headerText("if-match");
    return (!since.isEmpty() && modified > HttpDate.read(since))
        || (!match.isEmpty() && !lists(match, false));
  }

  /** Whether the client has the file as it is. */
  boolean unmodified(ClientRequest request) {
    String since = request.headerText("if-modified-since");
    String noneMatch = request.headerText("if-none-match");
    return (!since.isEmpty() || !noneMatch.isEmpty())
        && (since.isEmpty() || isDate(since))
        && (noneMatch.isEmpty() || lists(noneMatch, true));
  }

  /** Whether a part of the file goes with what the client has. */
  boolean allowsRange(ClientRequest request) {
    String condition = request.headerText("if-range");
    return condition.isEmpty()
        || (condition.endsWith("\"") ? condition.equals(etag) : isDate(condition));
  }

  private boolean isDate(String text) {
    return HttpDate.read(text) == modified;
  }

  private boolean lists(String header, boolean weak) {
    for (String tag : header.split(",", -1)) {
      String strong = tag.strip();
      if (weak && strong.startsWith("W/")) {
        strong = strong.substring(2);
      }
      if (strong.equals(etag) || strong.equals("*")) {
        return true;
      }
    }
    return false;
  }
}
