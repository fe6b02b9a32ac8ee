package org.keepaliveagent.policy;

import org.jspecify.annotations.Nullable;

/**
 * Tells failures apart by the names and messages of exceptions, since every library has its own.
 */
final class FailureTypes {
  private FailureTypes() {}

  /** The kind that {@code next_upstream} lists. */
  static FailureKind kind(@Nullable Throwable cause) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (t.getClass().getSimpleName().contains("Timeout")) {
        return FailureKind.TIMEOUT;
      }
    }
    return FailureKind.ERROR;
  }

  /** The value of {@code error.type}. */
  static String errorType(@Nullable Throwable cause, boolean sent, boolean responded) {
    String type = "_OTHER";
    for (Throwable t = cause; t != null; t = t.getCause()) {
      String name = t.getClass().getSimpleName();
      String message = String.valueOf(t.getMessage());
      if (name.contains("Timeout")) {
        return sent ? "read_timeout" : "connect_timeout";
      }
      if (message.contains("reset") || message.contains("Broken pipe")) {
        return "connection_reset";
      }
      if (message.contains("refused")) {
        return "connection_refused";
      }
      if (name.contains("UnknownHost") || name.contains("UnresolvedAddress")) {
        return "dns_failure";
      }
      if (name.startsWith("SSL")) {
        return "tls_failure";
      }
      if (name.contains("EOF") || name.contains("Closed") || message.contains("closed")) {
        type = responded ? "incomplete_response" : "premature_close";
      }
    }
    return type;
  }
}
