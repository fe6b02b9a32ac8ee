package org.keepaliveagent.runtime;

import java.net.URL;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A library that was met in this process, where it came from, and whether it is hooked. */
final class Seen {
  private final String library;
  private final String copy;
  private final String from;
  private final @Nullable String missing;

  /**
   * @param missing what kept it from being hooked; null where nothing did
   */
  Seen(Copy copy, @Nullable ProtectionDomain domain, @Nullable String missing) {
    this.library = copy.library();
    this.copy = copy.toString();
    this.from = from(domain);
    this.missing = missing;
  }

  /** The file that classes of this domain come from, whose name tells the version. */
  private static String from(@Nullable ProtectionDomain domain) {
    CodeSource source = domain == null ? null : domain.getCodeSource();
    URL location = source == null ? null : source.getLocation();
    if (location == null || location.getProtocol().equals("jrt")) {
      return "JDK " + System.getProperty("java.version");
    }
    String path = location.getPath();
    int end = path.length();
    while (end > 0 && (path.charAt(end - 1) == '/' || path.charAt(end - 1) == '!')) {
      end--;
    }
    return path.substring(path.lastIndexOf('/', end - 1) + 1, end);
  }

  /** The adapter's name. */
  String library() {
    return library;
  }

  /** The library, or the relocated copy of it, as messages name it. */
  String copy() {
    return copy;
  }

  String from() {
    return from;
  }

  @Nullable String missing() {
    return missing;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Seen
        && copy.equals(((Seen) other).copy)
        && from.equals(((Seen) other).from)
        && Objects.equals(missing, ((Seen) other).missing);
  }

  @Override
  public int hashCode() {
    return Objects.hash(copy, from, missing);
  }
}
