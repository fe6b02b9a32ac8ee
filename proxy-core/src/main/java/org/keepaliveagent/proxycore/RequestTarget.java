package org.keepaliveagent.proxycore;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks for; its bytes are the characters up to 255.
 *
 * @param raw path and arguments as they came
 * @param path decoded, without empty and dot segments (nginx: {@code $uri})
 * @param args what follows the question mark, null without one
 * @param redirected whether path and args are not the client's any more
 */
record RequestTarget(String raw, String path, @Nullable String args, boolean redirected) {
  private static final String HEX = "0123456789ABCDEF";

  /**
   * Reads a path, or an absolute URI with one; null when it is neither, or leads out of the root.
   */
  static @Nullable RequestTarget of(String target) {
    String raw = raw(target);
    if (!raw.startsWith("/")) {
      return null;
    }
    int fragment = raw.indexOf('#');
    String read = fragment < 0 ? raw : raw.substring(0, fragment);
    int mark = read.indexOf('?');
    String path = normalize(mark < 0 ? read : read.substring(0, mark));
    return path == null
        ? null
        : new RequestTarget(raw, path, mark < 0 ? null : read.substring(mark + 1), false);
  }

  /** For a request whose target cannot be read. */
  static RequestTarget unreadable(String target) {
    return new RequestTarget(target, "", null, false);
  }

  /** Where the request goes on: raw stays what the client asked for. */
  RequestTarget redirected(String newPath, @Nullable String newArgs) {
    return new RequestTarget(raw, newPath, newArgs, true);
  }

  /** What an upstream is asked for when the location does not change it. */
  String forUpstream() {
    return redirected ? encode(path) + question() : raw;
  }

  /** The arguments with their question mark, empty without. */
  String question() {
    return args == null ? "" : "?" + args;
  }

  private static String raw(String target) {
    int authority = authorityStart(target);
    if (authority < 0) {
      return target;
    }
    String rest = target.substring(authorityEnd(target, authority));
    return rest.startsWith("/") ? rest : "/" + rest;
  }

  /** The host and port in an absolute URI, null when the target is none. */
  static @Nullable String authority(String target) {
    int start = authorityStart(target);
    return start < 0 ? null : target.substring(start, authorityEnd(target, start));
  }

  private static int authorityStart(String target) {
    int scheme = target.startsWith("/") ? -1 : target.indexOf("://");
    return scheme < 0 ? -1 : scheme + 3;
  }

  private static int authorityEnd(String target, int start) {
    int end = start;
    while (end < target.length() && "/?#".indexOf(target.charAt(end)) < 0) {
      end++;
    }
    return end;
  }

  private static @Nullable String normalize(String path) {
    if (path.indexOf('%') < 0 && !path.contains("//") && !path.contains("/.")) {
      return path;
    }
    String decoded = decode(path);
    return decoded == null ? null : withoutDots(decoded);
  }

  private static @Nullable String decode(String path) {
    StringBuilder decoded = new StringBuilder(path.length());
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '%') {
        int high = i + 2 < path.length() ? Character.digit(path.charAt(i + 1), 16) : -1;
        int low = i + 2 < path.length() ? Character.digit(path.charAt(i + 2), 16) : -1;
        c = (char) (high * 16 + low);
        if (high < 0 || low < 0 || c == 0) {
          return null;
        }
        i += 2;
      }
      decoded.append(c);
    }
    return decoded.toString();
  }

  private static @Nullable String withoutDots(String path) {
    Deque<String> kept = new ArrayDeque<>();
    boolean directory = false;
    for (String segment : path.substring(1).split("/", -1)) {
      directory = true;
      if (segment.equals("..")) {
        if (kept.pollLast() == null) {
          return null;
        }
      } else if (!segment.isEmpty() && !segment.equals(".")) {
        kept.add(segment);
        directory = false;
      }
    }
    return "/" + String.join("/", kept) + (directory && !kept.isEmpty() ? "/" : "");
  }

  /** A decoded path as it may stand in a request, as {@code ngx_escape_uri} writes it. */
  static String encode(String path) {
    StringBuilder encoded = new StringBuilder(path.length());
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c > ' ' && c < 0x7f && "%?#".indexOf(c) < 0) {
        encoded.append(c);
      } else {
        encoded.append('%').append(HEX.charAt(c >> 4 & 15)).append(HEX.charAt(c & 15));
      }
    }
    return encoded.toString();
  }
}
