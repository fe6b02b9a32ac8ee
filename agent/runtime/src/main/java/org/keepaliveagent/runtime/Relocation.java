package org.keepaliveagent.runtime;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What names a relocated copy of a library has: a prefix stands before the names of its classes,
 * and what the names begin with may be missing. Immutable.
 *
 * <pre>
 *   org.apache.hc.core5.http.Header          the library
 *   wiremock.org.apache.hc.core5.http.Header         a copy under wiremock.
 *   com.acme.internal.apache.hc.core5.http.Header    a copy under com.acme.internal., without org.
 * </pre>
 */
final class Relocation {
  /** The library itself. */
  static final Relocation NONE = new Relocation("", "");

  private static final String OFTEN_DROPPED = "org.";

  private final String prefix;
  private final String dropped;

  private Relocation(String prefix, String dropped) {
    this.prefix = prefix;
    this.dropped = dropped;
  }

  /** The two forms of names that copies under each of these prefixes have. */
  static List<Relocation> under(List<String> prefixes) {
    List<Relocation> relocations = new ArrayList<>();
    for (String prefix : prefixes) {
      relocations.add(new Relocation(prefix, ""));
      relocations.add(new Relocation(prefix, OFTEN_DROPPED));
    }
    return Collections.unmodifiableList(relocations);
  }

  /** The name that the library has for what the copy calls so; null for what is not the copy's. */
  @Nullable String original(String name) {
    return name.startsWith(prefix) ? dropped.concat(name.substring(prefix.length())) : null;
  }

  /** The name that the copy has for what the library calls so. */
  String relocated(String name) {
    return name.startsWith(dropped) ? prefix.concat(name.substring(dropped.length())) : name;
  }

  /** For messages; empty for the library itself. */
  @Override
  public String toString() {
    return prefix.isEmpty() ? "" : " relocated to " + prefix + "*";
  }
}
