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
    for (FailureKind kind : values()) {
      if (kind.word.equals("http_" + status)) {
        return kind;
      }
    }
    return null;
  }
}
