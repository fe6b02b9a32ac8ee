package org.keepaliveagent.policy;

import org.jspecify.annotations.Nullable;

/** The kinds of failure that {@code next_upstream} lists, with nginx's words. */
public enum FailureKind {
  ERROR("error"),
  TIMEOUT("timeout"),
  INVALID_HEADER("invalid_header"),
  HTTP_403("http_403"),
  HTTP_404("http_404"),
  HTTP_429("http_429"),
  HTTP_500("http_500"),
  HTTP_502("http_502"),
  HTTP_503("http_503"),
  HTTP_504("http_504");

  private final String word;

  FailureKind(String word) {
    this.word = word;
  }

  /** The word of the policy file. */
  public String word() {
    return word;
  }

  /** The kind that a response of this status is, or {@code null}. */
  static @Nullable FailureKind of(int status) {
    switch (status) {
      case 403:
        return HTTP_403;
      case 404:
        return HTTP_404;
      case 429:
        return HTTP_429;
      case 500:
        return HTTP_500;
      case 502:
        return HTTP_502;
      case 503:
        return HTTP_503;
      case 504:
        return HTTP_504;
      default:
        return null;
    }
  }
}
