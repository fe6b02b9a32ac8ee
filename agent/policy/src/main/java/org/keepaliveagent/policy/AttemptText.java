package org.keepaliveagent.policy;

import org.jspecify.annotations.Nullable;

/** Says how an attempt ended, for the journal. */
final class AttemptText {
  private AttemptText() {}

  /**
   * What the connection had been through, and what came of it.
   *
   * @param died whether the attempt failed, and was not merely answered by a listed status
   */
  static String of(Connection c, boolean died, @Nullable Reason decision, boolean retried) {
    StringBuilder text = new StringBuilder();
    text.append(c.method).append(' ').append(c.upstream).append(": ");
    if (!died) {
      text.append("answered by ").append(c.status);
    } else {
      boolean responded = c.respondedAt != 0;
      String type = FailureTypes.errorType(c.failure, true, responded);
      text.append(type.equals("_OTHER") ? "died" : type.replace('_', ' '));
      text.append(responded ? " in a response on " : " before a response on ");
      text.append(c.reused ? "a reused connection" : "a new connection");
      if (c.reused) {
        text.append(", idle ").append(Findings.shown(c.idleNanos));
        text.append(", request ").append(c.requests);
      }
    }
    if (retried) {
      text.append("; sent again");
    } else if (decision != null) {
      text.append("; not sent again");
    }
    if (decision != null) {
      text.append(": ").append(decision.text());
    }
    return text.toString();
  }
}
