package org.keepaliveagent.config;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * The files that a policy was read from. Remembers what it saw, so that a change can be noticed by
 * content, whatever the time stamps and links say. For one thread at a time.
 */
public final class Sources {
  /** The largest file that is read, and the most that all included files may hold, in bytes. */
  static final int MAX_BYTES = 1 << 20;

  /** The most files that a pattern may name. */
  static final int MAX_FILES = 256;

  /** Why a file could not be read. */
  static final class Unreadable extends Exception {
    private static final long serialVersionUID = 1;

    private final ProblemKind kind;
    private final String detail;

    Unreadable(ProblemKind kind, Object detail) {
      super(kind.text(detail), null, false, false);
      this.kind = kind;
      this.detail = String.valueOf(detail);
    }

    ProblemKind kind() {
      return kind;
    }

    String detail() {
      return detail;
    }
  }

  /** The content of each file; null where it could not be read. */
  private final Map<Path, byte @Nullable []> seen = new LinkedHashMap<>();

  private final Map<Path, List<Path>> found = new LinkedHashMap<>();

  /** The content of a file; symbolic links are followed. */
  byte[] read(Path file) throws Unreadable {
    seen.put(file, null);
    byte[] bytes = content(file);
    seen.put(file, bytes);
    return bytes;
  }

  /** Whether anything differs from what was seen: a content, a file that is there or not. */
  public boolean changed() {
    for (Map.Entry<Path, byte @Nullable []> file : seen.entrySet()) {
      byte[] now;
      try {
        now = content(file.getKey());
      } catch (Unreadable e) {
        now = null;
      }
      if (!Arrays.equals(now, file.getValue())) {
        return true;
      }
    }
    for (Map.Entry<Path, List<Path>> pattern : found.entrySet()) {
      if (!listed(pattern.getKey()).equals(pattern.getValue())) {
        return true;
      }
    }
    return false;
  }

  /** A hash of what was read, the first digits of SHA-256; of one file, what sha256sum says. */
  public String hash() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] content : seen.values()) {
        if (content != null) {
          digest.update(content);
        }
      }
      return String.format(Locale.ROOT, "%064x", new BigInteger(1, digest.digest()))
          .substring(0, 12);
    } catch (NoSuchAlgorithmException e) {
      // every JDK must have it
      return "unknown";
    }
  }

  /** The file that was read first; empty before. */
  String first() {
    return seen.isEmpty() ? "" : seen.keySet().iterator().next().toString();
  }

  /** Whether the file that was read first holds nothing. */
  boolean isEmpty() {
    byte[] first = seen.isEmpty() ? null : seen.values().iterator().next();
    return first == null || first.length == 0;
  }

  private static byte[] content(Path file) throws Unreadable {
    try {
      if (Files.isDirectory(file)) {
        throw new Unreadable(ProblemKind.NOT_A_FILE, "a directory");
      }
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        // A pipe could block the start of the application for ever.
        throw new Unreadable(ProblemKind.NOT_A_FILE, "not a regular file");
      }
      byte[] bytes = bytes(file);
      if (bytes.length > MAX_BYTES) {
        throw new Unreadable(ProblemKind.FILE_TOO_LARGE, MAX_BYTES);
      }
      return bytes;
    } catch (NoSuchFileException e) {
      boolean link = Files.exists(file, LinkOption.NOFOLLOW_LINKS);
      throw new Unreadable(ProblemKind.NO_FILE, link ? " where the link points" : "");
    } catch (AccessDeniedException e) {
      throw new Unreadable(ProblemKind.UNREADABLE, "permission denied");
    } catch (IOException | SecurityException e) {
      throw new Unreadable(ProblemKind.UNREADABLE, Words.shown(String.valueOf(e.getMessage())));
    }
  }

  /** The file, and no more than one byte over the limit of it. */
  private static byte[] bytes(Path file) throws IOException {
    byte[] bytes = new byte[8192];
    int length = 0;
    try (InputStream in = Files.newInputStream(file)) {
      int read;
      while ((read = in.read(bytes, length, bytes.length - length)) >= 0) {
        length += read;
        if (length > MAX_BYTES) {
          break;
        }
        if (length == bytes.length) {
          bytes = Arrays.copyOf(bytes, Math.min(2 * length, MAX_BYTES + 1));
        }
      }
    }
    return Arrays.copyOf(bytes, length);
  }

  /** The files that a path with {@code *}, {@code ?} and {@code [...]} names, sorted. */
  List<Path> matching(Path pattern) {
    List<Path> files = listed(pattern);
    found.put(pattern, files);
    return files;
  }

  /** Whether a path holds any of these characters. */
  static boolean isPattern(String path) {
    return path.indexOf('*') >= 0 || path.indexOf('?') >= 0 || path.indexOf('[') >= 0;
  }

  private static List<Path> listed(Path pattern) {
    List<Path> paths = Collections.singletonList(pattern.getRoot());
    for (Path name : pattern) {
      List<Path> below = new ArrayList<>();
      for (Path path : paths) {
        descend(path, name.toString(), below);
      }
      paths = below;
    }
    List<Path> files = new ArrayList<>();
    for (Path path : paths) {
      if (Files.isRegularFile(path)) {
        files.add(path);
      }
    }
    Collections.sort(files);
    return files;
  }

  private static void descend(Path folder, String name, List<Path> below) {
    if (!isPattern(name)) {
      below.add(folder.resolve(name));
      return;
    }
    Pattern names = names(name);
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        String entryName = String.valueOf(entry.getFileName());
        boolean hidden = entryName.startsWith(".") && !name.startsWith(".");
        if (!hidden && names.matcher(entryName).matches() && below.size() <= MAX_FILES) {
          below.add(entry);
        }
      }
    } catch (NotDirectoryException | NoSuchFileException e) {
      // names nothing
    } catch (IOException | SecurityException e) {
      // as for glob(3), what cannot be read names nothing
    }
  }

  /** As {@code fnmatch(3)}. */
  private static Pattern names(String pattern) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      int close = c == '[' ? pattern.indexOf(']', i + 2) : -1;
      if (c == '*') {
        regex.append(".*");
      } else if (c == '?') {
        regex.append('.');
      } else if (close > 0) {
        String set = pattern.substring(i + 1, close);
        boolean not = set.startsWith("!") || set.startsWith("^");
        regex.append(not ? "[^" : "[");
        for (char each : set.substring(not ? 1 : 0).toCharArray()) {
          regex.append(each == '-' || Character.isLetterOrDigit(each) ? "" : "\\").append(each);
        }
        regex.append(']');
        i = close;
      } else {
        regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    try {
      return Pattern.compile(regex.toString(), Pattern.DOTALL);
    } catch (PatternSyntaxException e) {
      return Pattern.compile(Pattern.quote(pattern));
    }
  }
}
