package org.keepaliveagent.config;

import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One directive in nginx's notation: a name, arguments, and a block where it has one. */
final class NginxDirective {
  private final Document document;
  private final NginxWord name;
  private final List<NginxWord> arguments;
  private final @Nullable List<NginxDirective> block;

  NginxDirective(
      Document document,
      NginxWord name,
      List<NginxWord> arguments,
      @Nullable List<NginxDirective> block) {
    this.document = document;
    this.name = name;
    this.arguments = Collections.unmodifiableList(arguments);
    this.block = block;
  }

  Document document() {
    return document;
  }

  String name() {
    return name.text();
  }

  int line() {
    return name.line();
  }

  int column() {
    return name.column();
  }

  List<NginxWord> arguments() {
    return arguments;
  }

  /** The first argument; empty where there is none. */
  String argument() {
    return arguments.isEmpty() ? "" : arguments.get(0).text();
  }

  /** What stands between braces; null where there are none. */
  @Nullable List<NginxDirective> block() {
    return block;
  }

  /** File and line. */
  String place() {
    return document.file() + ":" + line();
  }

  void complain(ProblemKind kind, Object... details) {
    document.report(line(), column(), name(), kind, kind.text(details));
  }
}
