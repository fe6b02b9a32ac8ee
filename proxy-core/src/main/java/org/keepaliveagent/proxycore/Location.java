package org.keepaliveagent.proxycore;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which requests get what is done here.
 *
 * @param text the path or the start of one, or the regular expression as it is written
 * @param pattern null but for a {@link Kind#REGEX}
 */
record Location(Kind kind, String text, @Nullable Pattern pattern, Action action) {
  enum Kind {
    /** Without a modifier: the longest one counts, unless a regular expression matches. */
    PREFIX,
    /** {@code ^~}: the longest one counts, whatever regular expressions match. */
    FIRM_PREFIX,
    /** {@code =}: this path only, before all others. */
    EXACT,
    /** {@code ~} and {@code ~*}: the first that matches counts. */
    REGEX
  }

  /** The location of a path among these, as {@code ngx_http_core_find_location} has it. */
  static @Nullable Location find(List<Location> locations, String path) {
    Location longest = null;
    for (Location location : locations) {
      if (location.kind == Kind.EXACT && path.equals(location.text)) {
        return location;
      }
      if (location.isPrefixOf(path)
          && (longest == null || location.text.length() > longest.text.length())) {
        longest = location;
      }
    }
    if (longest != null && longest.kind == Kind.FIRM_PREFIX) {
      return longest;
    }
    for (Location location : locations) {
      if (location.pattern != null && location.pattern.matcher(path).find()) {
        return location;
      }
    }
    return longest;
  }

  private boolean isPrefixOf(String path) {
    return (kind == Kind.PREFIX || kind == Kind.FIRM_PREFIX) && path.startsWith(text);
  }
}
