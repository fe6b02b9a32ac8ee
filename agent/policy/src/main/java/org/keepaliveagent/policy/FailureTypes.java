package org.keepaliveagent.policy;

import java.util.Locale;
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

  /**
   * Whether the cause came up while something was written: the JDK's own classes for sockets, where
   * it did, call that method so.
   */
  static boolean whileWriting(@Nullable Throwable cause) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (String.valueOf(t.getMessage()).contains("Broken pipe")) {
        return true;
      }
      for (StackTraceElement frame : t.getStackTrace()) {
        String type = frame.getClassName();
        if (!type.startsWith("java.n") && !type.startsWith("sun.n")) {
          break;
        }
        String method = frame.getMethodName().toLowerCase(Locale.ROOT);
        if (method.contains("write")) {
          return true;
        }
        if (method.contains("read")) {
          return false;
        }
      }
    }
    return false;
  }

  /** Whether what came was no message of the protocol. */
  static boolean isUnreadable(@Nullable Throwable cause) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (isUnreadable(t.getClass().getSimpleName())) {
        return true;
      }
    }
    return false;
  }

  private static boolean isUnreadable(String name) {
    return name.contains("Protocol") || name.contains("Malformed") || name.contains("Parse");
  }

  /** Whether a connection was refused in its TLS handshake. */
  static boolean whileSecuring(@Nullable Throwable cause) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (t.getClass().getSimpleName().startsWith("SSL")) {
        return true;
      }
    }
    return false;
  }

  /** The value of {@code error.type}. */
  static String errorType(@Nullable Throwable cause, boolean sent, boolean responded) {
    String type = "_OTHER";
    for (Throwable t = cause; t != null; t = t.getCause()) {
      String name = t.getClass().getSimpleName();
      String message = String.valueOf(t.getMessage());
      if (name.contains("ConnectionRequestTimeout")
          || name.contains("PoolTimeout")
          || name.contains("AcquireTimeout")) {
        return "pool_timeout";
      }
      if (name.contains("Timeout")) {
        return !sent ? "connect_timeout" : whileWriting(cause) ? "write_timeout" : "read_timeout";
      }
      if (message.contains("reset") || message.contains("Broken pipe")) {
        return "connection_reset";
      }
      if (message.contains("refused") || (!sent && name.equals("ConnectException"))) {
        return "connection_refused";
      }
      if (name.contains("UnknownHost") || name.contains("UnresolvedAddress")) {
        return "dns_failure";
      }
      if (name.startsWith("SSL")) {
        return "tls_failure";
      }
      if (isUnreadable(name)) {
        type = "protocol_error";
      }
      if (name.contains("EOF") || name.contains("Closed") || message.contains("closed")) {
        type = responded ? "incomplete_response" : "premature_close";
      }
    }
    return type;
  }
}
