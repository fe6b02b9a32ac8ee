package org.keepaliveagent.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.keepaliveagent.policy.Mode;
import org.keepaliveagent.policy.PolicyTable;

/** Reads policy files. */
public final class PolicyReader {
  /** The largest file that is read, in bytes. */
  static final int MAX_BYTES = 1 << 20;

  private PolicyReader() {}

  /**
   * Reads a policy file. Never throws, and takes no longer than its at most 1 MiB need: whatever is
   * wrong with the file is a {@link Problem}. An empty file is the built-in default.
   *
   * @param file YAML 1.2, UTF-8; symbolic links are followed
   * @param override the mode of every policy, whatever the file says; null to let the file decide
   */
  public static PolicyReading read(Path file, @Nullable Mode override) {
    Problems problems = new Problems(file.toString());
    byte[] bytes = bytes(file, problems);
    return bytes == null
        ? new PolicyReading(null, problems.list())
        : read(bytes, override, problems);
  }

  private static PolicyReading read(byte[] bytes, @Nullable Mode override, Problems problems) {
    PolicyTable table = null;
    try {
      PolicyTree tree = tree(bytes, problems);
      if (problems.isEmpty()) {
        table = tree.table(override);
      }
    } catch (RuntimeException e) {
      // Ours or the YAML library's: an application must not fail to start because of it.
      problems.add(ProblemKind.DEFECT, Words.shown(e.toString()));
    }
    return new PolicyReading(problems.isEmpty() ? table : null, problems.list());
  }

  private static PolicyTree tree(byte[] bytes, Problems problems) {
    SourceText source = SourceText.decode(bytes, problems);
    Value root = source == null ? null : Yaml.root(source, problems);
    return root == null ? PolicyTree.empty() : PolicyTree.read(root);
  }

  private static byte @Nullable [] bytes(Path file, Problems problems) {
    if (file.toString().toLowerCase(Locale.ROOT).endsWith(".conf")) {
      problems.add(ProblemKind.NGINX_NOTATION);
      return null;
    }
    try {
      if (Files.isDirectory(file)) {
        problems.add(ProblemKind.NOT_A_FILE, "a directory");
        return null;
      }
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        // A pipe could block the start of the application for ever.
        problems.add(ProblemKind.NOT_A_FILE, "not a regular file");
        return null;
      }
      byte[] bytes = bytes(file);
      if (bytes.length <= MAX_BYTES) {
        return bytes;
      }
      problems.add(ProblemKind.FILE_TOO_LARGE, MAX_BYTES);
    } catch (NoSuchFileException e) {
      boolean link = Files.exists(file, LinkOption.NOFOLLOW_LINKS);
      problems.add(ProblemKind.NO_FILE, link ? " where the link points" : "");
    } catch (AccessDeniedException e) {
      problems.add(ProblemKind.UNREADABLE, "permission denied");
    } catch (IOException | SecurityException e) {
      problems.add(ProblemKind.UNREADABLE, Words.shown(String.valueOf(e.getMessage())));
    }
    return null;
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
}
