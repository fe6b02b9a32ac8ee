package org.keepaliveagent.proxycore;

import io.netty.handler.codec.http.HttpResponseStatus;

/** Reads {@code return} directives. */
final class ReturnReader {
  private ReturnReader() {}

  static Action.Return read(Directive directive) throws ConfigException {
    String first = directive.arg(0);
    boolean alone = directive.args().size() == 1;
    if (alone && (first.matches("https?://.*") || first.startsWith("$scheme"))) {
      return new Action.Return(HttpResponseStatus.FOUND.code(), Template.read(directive, first));
    }
    if (!first.matches("[2-9]\\d\\d")) {
      throw directive.error("invalid return code \"" + first + "\"");
    }
    boolean empty = alone || directive.arg(1).isEmpty();
    Template text = empty ? null : Template.read(directive, directive.arg(1));
    return new Action.Return(Integer.parseInt(first), text);
  }
}
