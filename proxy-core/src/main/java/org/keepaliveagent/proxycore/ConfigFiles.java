package org.keepaliveagent.proxycore;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;

/** The files of a configuration: the one that is named, and those that {@code include} names. */
final class ConfigFiles {
  private static final int MAX_DEPTH = 50;

  private final Path first;

  /**
   * @param first the file that is named; the others are looked for beside it
   */
  ConfigFiles(Path first) {
    this.first = first;
  }

  static String read(Path file) throws ConfigException {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new ConfigException(failure(file, e));
    }
  }

  /** In the words of nginx, where the cause has some there. */
  private static String failure(Path file, IOException e) {
    String why =
        e instanceof NoSuchFileException
            ? "2: No such file or directory"
            : e instanceof AccessDeniedException ? "13: Permission denied" : e.toString();
    return "open() \"" + file + "\" failed (" + why + ")";
  }

  /** The directives of a text, with those of the included files in the places of the includes. */
  List<Directive> parse(String file, String text) throws ConfigException {
    return expand(ConfigParser.parse(file, text).children(), 0);
  }

  private List<Directive> expand(List<Directive> directives, int depth) throws ConfigException {
    List<Directive> all = new ArrayList<>();
    for (Directive directive : directives) {
      if (directive.name().equals("include")) {
        include(directive, depth + 1, all);
      } else if (directive.block() == null) {
        all.add(directive);
      } else {
        all.add(directive.with(expand(directive.children(), depth)));
      }
    }
    return List.copyOf(all);
  }

  private void include(Directive directive, int depth, List<Directive> to) throws ConfigException {
    if (directive.block() != null) {
      throw directive.error("directive \"include\" is not terminated by \";\"");
    }
    if (directive.args().size() != 1) {
      throw directive.error("invalid number of arguments in \"include\" directive");
    }
    Path named = first.resolveSibling(directive.arg(0));
    if (depth > MAX_DEPTH) {
      throw directive.error("open() \"" + named + "\" failed (24: Too many open files)");
    }
    try {
      for (Path file : isPattern(directive.arg(0)) ? glob(named) : List.of(named)) {
        String text = Files.readString(file);
        to.addAll(expand(ConfigParser.parse(file.toString(), text).children(), depth));
      }
    } catch (IOException e) {
      throw directive.error(failure(named, e));
    }
  }

  private static boolean isPattern(String text) {
    return text.chars().anyMatch(c -> "*?[".indexOf(c) >= 0);
  }

  /** What there is of a pattern, sorted: {@code glob(3)}. */
  private static List<Path> glob(Path pattern) throws IOException {
    List<Path> found = List.of(pattern.getFileSystem().getPath("/"));
    for (Path part : pattern) {
      List<Path> next = new ArrayList<>();
      for (Path folder : found) {
        if (isPattern(part.toString())) {
          addMatches(folder, part.toString(), next);
        } else if (Files.exists(folder.resolve(part))) {
          next.add(folder.resolve(part));
        }
      }
      found = next;
    }
    return found.stream().sorted().toList();
  }

  private static void addMatches(Path folder, String pattern, List<Path> to) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    String plainBraces = pattern.replace("{", "\\{").replace("}", "\\}");
    PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + plainBraces);
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
      for (Path file : all) {
        Path name = folder.relativize(file);
        boolean hidden = name.toString().startsWith(".") && !pattern.startsWith(".");
        if (!hidden && matcher.matches(name)) {
          to.add(file);
        }
      }
    }
  }
}
