package org.keepaliveagent.proxycore;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which requests get what is done here; a server is one for everything, with its locations inside.
 *
 * @param text the path or the start of one, or the regular expression as it is written
 * @param pattern null but for a {@link Kind#REGEX}
 * @param inner the locations within this one, in the order of the configuration
 */
record Location(
    Kind kind,
    String text,
    @Nullable Pattern pattern,
    List<Location> inner,
    Action action,
    LocationSettings settings) {
  enum Kind {
    /** Without a modifier: the longest one counts, unless a regular expression matches. */
    PREFIX,
    /** {@code ^~}: the longest one counts, whatever regular expressions match. */
    FIRM_PREFIX,
    /** {@code =}: this path only, before all others. */
    EXACT,
    /** {@code ~} and {@code ~*}: the first that matches counts. */
    REGEX,
    /** {@code @}: no path at all, only {@code error_page} leads here. */
    NAMED
  }

  /** The location of a path within this one, as {@code ngx_http_core_find_location} has it. */
  Location find(String path) {
    Location settled = settled(path);
    return settled == null ? longestOfAll(path) : settled;
  }

  /** Where the path is, when nothing outside of this location is asked any more. */
  private @Nullable Location settled(String path) {
    Location longest = longest(path);
    for (Location location : inner) {
      boolean equal = longest != null && longest.text.equals(path);
      if (location.isExactly(path) || (!equal && location.lacksSlash(path))) {
        return location;
      }
    }
    Location settled = longest == null ? null : longest.settled(path);
    if (settled != null || (longest != null && longest.kind == Kind.FIRM_PREFIX)) {
      return settled;
    }
    for (Location location : inner) {
      if (location.pattern != null && location.pattern.matcher(path).find()) {
        return location.find(path);
      }
    }
    return null;
  }

  private Location longestOfAll(String path) {
    Location longest = longest(path);
    return longest == null ? this : longest.longestOfAll(path);
  }

  private @Nullable Location longest(String path) {
    Location longest = null;
    for (Location location : inner) {
      if (location.isPrefixOf(path)
          && (longest == null || location.text.length() > longest.text.length())) {
        longest = location;
      }
    }
    return longest;
  }

  private boolean isExactly(String path) {
    return kind == Kind.EXACT && path.equals(text);
  }

  private boolean isPrefixOf(String path) {
    return (kind == Kind.PREFIX || kind == Kind.FIRM_PREFIX) && path.startsWith(text);
  }

  /** Whether requests for this path are sent to it with a slash (nginx: {@code auto_redirect}). */
  boolean lacksSlash(String path) {
    return action instanceof Action.Pass
        && kind != Kind.REGEX
        && text.length() == path.length() + 1
        && text.endsWith("/")
        && text.startsWith(path);
  }
}
