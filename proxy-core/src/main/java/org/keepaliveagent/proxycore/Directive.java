package org.keepaliveagent.proxycore;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One directive of a configuration file: its words, and its block if it has one.
 *
 * @param block the directives between the braces, null when it ends with a semicolon
 */
record Directive(
    String name, List<String> args, @Nullable List<Directive> block, String file, int line) {

  /** The same with another block. */
  Directive with(List<Directive> newBlock) {
    return new Directive(name, args, newBlock, file, line);
  }

  String arg(int index) {
    return args.get(index);
  }

  List<Directive> children() {
    return block == null ? List.of() : block;
  }

  List<Directive> children(String childName) {
    return children().stream().filter(child -> child.name().equals(childName)).toList();
  }

  Optional<Directive> child(String childName) {
    return children().stream().filter(child -> child.name().equals(childName)).findFirst();
  }

  ConfigException error(String what) {
    return new ConfigException(what, file, line);
  }

  /** A value that is none of those that there are. */
  ConfigException invalidValue(String value) {
    return error("invalid value \"" + value + "\"");
  }

  /**
   * A value that cannot be read.
   *
   * @param what it should be, {@code number} or {@code value}
   */
  ConfigException invalid(String what) {
    return error("\"" + name + "\" directive invalid " + what);
  }
}
