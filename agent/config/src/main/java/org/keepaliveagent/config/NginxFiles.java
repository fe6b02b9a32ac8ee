package org.keepaliveagent.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads a configuration in nginx's notation with all that it includes. Relative paths start at the
 * folder of the first file, as with nginx's {@code conf} prefix; a pattern that names no file
 * includes nothing, a plain path that is not there is an error.
 */
final class NginxFiles implements NginxParser.Include {
  private static final int MAX_NESTED = 16;

  private final Path first;
  private final Sources sources;
  private final Problems problems;
  private final Function<String, @Nullable String> environment;
  private int nested;
  private int files;
  private int bytes;

  NginxFiles(
      Path first,
      Sources sources,
      Problems problems,
      Function<String, @Nullable String> environment) {
    this.first = first;
    this.sources = sources;
    this.problems = problems;
    this.environment = environment;
  }

  /** The directives of the first file and of those that it includes. */
  List<NginxDirective> directives(Document document) throws NginxParser.Broken {
    return NginxParser.parse(document, this);
  }

  @Override
  public void read(NginxDirective include, List<NginxDirective> into) throws NginxParser.Broken {
    if (include.arguments().size() != 1) {
      include.complain(ProblemKind.ARGUMENTS, "include", "include FILE;");
      return;
    }
    if (nested == MAX_NESTED) {
      include.complain(ProblemKind.INCLUDE_DEEP, MAX_NESTED);
      throw new NginxParser.Broken();
    }
    nested++;
    try {
      for (Path file : named(include)) {
        read(file, include, into);
      }
    } finally {
      nested--;
    }
  }

  private List<Path> named(NginxDirective include) {
    String name = include.argument();
    try {
      Path path = first.toAbsolutePath().resolveSibling(name).normalize();
      return Sources.isPattern(name) ? sources.matching(path) : Collections.singletonList(path);
    } catch (InvalidPathException e) {
      include.complain(ProblemKind.INCLUDE_MISSING, Words.quote(name), "this is no path");
      return Collections.emptyList();
    }
  }

  private void read(Path file, NginxDirective include, List<NginxDirective> into)
      throws NginxParser.Broken {
    byte[] content;
    try {
      content = sources.read(file);
    } catch (Sources.Unreadable e) {
      String why = String.valueOf(e.getMessage());
      String phrase = why.endsWith(".") ? why.substring(0, why.length() - 1) : why;
      include.complain(ProblemKind.INCLUDE_MISSING, Words.quote(file.toString()), phrase);
      return;
    }
    bytes += content.length;
    if (++files > Sources.MAX_FILES || bytes > Sources.MAX_BYTES) {
      include.complain(ProblemKind.INCLUDE_MANY, Sources.MAX_FILES, Sources.MAX_BYTES);
      throw new NginxParser.Broken();
    }
    SourceText text = SourceText.decode(content, file.toString(), problems);
    if (text != null) {
      into.addAll(
          NginxParser.parse(new Document(file.toString(), text, problems, environment), this));
    }
  }
}
